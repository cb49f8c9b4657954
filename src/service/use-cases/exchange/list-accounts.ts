import { showAccount } from '../../ledger/show-account.ts';
import { balancesOf } from '../../ledger/read.ts';
import type { UseCase } from '../use-case.ts';

/** The holder's accounts, one for a currency, those that were closed too. */
export const listAccounts: UseCase<'list-accounts'> = async ({ engine }, actor) => ({
  accounts: (await balancesOf(engine, actor.user)).map(showAccount),
});
