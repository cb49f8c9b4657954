import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { endOf } from '../../bank-accounts/read-account.ts';
import { timestamp } from '../../deps.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { bankAccountOf, removeBankAccount as takeOut } from '../../store/bank-accounts.ts';
import type { UseCase } from '../use-case.ts';

/** Takes a bank account out of use; withdrawals to it that are under way go on. Throws `not_found`. */
export const removeBankAccount: UseCase<'remove-bank-account'> = async (deps, actor, { account: id }) => {
  await deps.engine.transact(async (tx) => {
    const row = await bankAccountOf(tx, actor.user, id);
    if (!row || !(await takeOut(tx, actor.user, id, timestamp(deps.now()))))
      throw new Refusal('not_found', { thing: 'bank account', id });
    const { country, currency, holderName } = row;
    const facts = { country, currency, ending: endOf(row.details) };
    await record(tx, deps, actor, { action: 'bank-account-removed', object: id, facts });
    await tellHolder(tx, deps, actor, 'mail.bank-account-removed', {
      user: actor.user,
      email: actor.email,
      holderName,
      ...facts,
    });
  });
  return {};
};
