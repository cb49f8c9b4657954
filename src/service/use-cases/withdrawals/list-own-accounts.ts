import { ownAccounts } from '../../store/own-accounts.ts';
import { showOwnAccount } from '../../withdrawals/show-own-account.ts';
import type { UseCase } from '../use-case.ts';

/** The bank accounts of the wallet itself that withdrawals are paid from. */
export const listOwnAccounts: UseCase<'list-own-accounts'> = async ({ engine }) => ({
  accounts: (await ownAccounts(engine)).map(showOwnAccount),
});
