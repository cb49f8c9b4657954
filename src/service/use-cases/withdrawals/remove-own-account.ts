import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { deleteOwnAccount } from '../../store/own-accounts.ts';
import type { UseCase } from '../use-case.ts';

/** Removes an account of the wallet itself; batches that were made to be paid from it stay as they are. Throws `not_found`. */
export const removeOwnAccount: UseCase<'remove-own-account'> = async (deps, actor, input) => {
  const iban = input.iban.replace(/\s/g, '').toUpperCase();
  const currency = input.currency.toUpperCase();
  await deps.engine.transact(async (tx) => {
    if (!(await deleteOwnAccount(tx, iban, currency)))
      throw new Refusal('not_found', { thing: 'account of the wallet', id: input.iban });
    await record(tx, deps, actor, {
      action: 'own-account-removed',
      facts: { currency, ending: iban.slice(-4) },
    });
  });
  return {};
};
