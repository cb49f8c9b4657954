import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { deletePayee as deleteRow, payeeById, payeeByName } from '../../store/payees.ts';
import type { UseCase } from '../use-case.ts';

/** Forgets a saved recipient, named by its id or its name. Throws `not_found`. */
export const deletePayee: UseCase<'delete-payee'> = async (deps, actor, input) => {
  const { engine } = deps;
  const payee =
    (await payeeById(engine, actor.user, input.payee)) ??
    (await payeeByName(engine, actor.user, input.payee));
  if (!payee) throw new Refusal('not_found', { thing: 'payee', id: input.payee });
  await engine.transact(async (tx) => {
    await deleteRow(tx, actor.user, payee.id);
    const facts = { name: payee.name, recipient: payee.recipient };
    await record(tx, deps, actor, { action: 'payee-removed', object: payee.id, facts });
  });
  return {};
};
