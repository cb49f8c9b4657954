import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { bankAccountsByIds } from '../store/bank-accounts.ts';
import type { Reader } from '../store/engine/engine.ts';
import { withdrawalsByIds, type WithdrawalRow } from '../store/withdrawals.ts';
import { showWithdrawal } from './show.ts';

/** A withdrawal of this holder's, to be shown. Throws `not_found`, the same for someone else's. */
export async function withdrawalOfHolder(
  db: Reader,
  user: string,
  id: string,
): Promise<Output<'get-withdrawal'>> {
  const [row] = await withdrawalsByIds(db, [id]);
  if (row?.userId !== user) throw new Refusal('not_found', { thing: 'withdrawal', id });
  const [shown] = await showAll(db, [row]);
  if (!shown) throw new Error(`withdrawal ${id} cannot be shown`);
  return shown;
}

/** Withdrawals of one holder, to be shown. */
export async function showAll(
  db: Reader,
  rows: readonly WithdrawalRow[],
): Promise<Output<'get-withdrawal'>[]> {
  const accounts = await bankAccountsByIds(
    db,
    rows.map(({ bankAccount }) => bankAccount),
  );
  const byId = new Map(accounts.map((account) => [account.id, account]));
  return rows.flatMap((row) => {
    const to = byId.get(row.bankAccount);
    return to ? [showWithdrawal(row, to)] : [];
  });
}
