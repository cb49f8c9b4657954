import type { Output } from '../../core/contract/operations.ts';
import { bankAccountsByIds } from '../store/bank-accounts.ts';
import type { Reader } from '../store/engine/engine.ts';
import { usersByIds } from '../store/users.ts';
import type { WithdrawalRow } from '../store/withdrawals.ts';
import { showWithdrawalToStaff } from './show.ts';

/** Withdrawals as staff see them. */
export async function showAllToStaff(
  db: Reader,
  rows: readonly WithdrawalRow[],
): Promise<Output<'look-at-withdrawal'>[]> {
  const [accounts, holders] = await Promise.all([
    bankAccountsByIds(
      db,
      rows.map(({ bankAccount }) => bankAccount),
    ),
    usersByIds(
      db,
      rows.map(({ userId }) => userId),
    ),
  ]);
  return rows.flatMap((row) => {
    const to = accounts.find(({ id }) => id === row.bankAccount);
    const holder = holders.find(({ id }) => id === row.userId);
    return to && holder ? [showWithdrawalToStaff(row, to, holder)] : [];
  });
}
