import { showBankAccount } from '../../bank-accounts/show-account.ts';
import { bankAccountsOf } from '../../store/bank-accounts.ts';
import type { UseCase } from '../use-case.ts';

/** The holder's bank accounts, the oldest first; with their numbers whole where that is asked for. */
export const listBankAccounts: UseCase<'list-bank-accounts'> = async ({ engine }, actor, { full }) => {
  const rows = await bankAccountsOf(engine, actor.user);
  return { accounts: rows.map((row) => showBankAccount(row, full === true || full === 'true')) };
};
