import { Refusal } from '../../../core/contract/refusals.ts';
import { deletePayee as deleteRow, payeeById, payeeByName } from '../../store/payees.ts';
import type { UseCase } from '../use-case.ts';

/** Forgets a saved recipient, named by its id or its name. Throws `not_found`. */
export const deletePayee: UseCase<'delete-payee'> = async ({ engine }, actor, input) => {
  const payee =
    (await payeeById(engine, actor.user, input.payee)) ??
    (await payeeByName(engine, actor.user, input.payee));
  if (!payee) throw new Refusal('not_found', { thing: 'payee', id: input.payee });
  await engine.transact((tx) => deleteRow(tx, actor.user, payee.id));
  return {};
};
