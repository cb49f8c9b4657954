import type { WithdrawalRow } from '../store/withdrawals.ts';

/**
 * The transfers that brought money of a withdrawal back before it was seen to leave, oldest first: a bank may send it in
 * parts, and statements come in any order.
 */
export function earlyReturnsOf({ earlyReturn }: Pick<WithdrawalRow, 'earlyReturn'>): string[] {
  return earlyReturn === null ? [] : earlyReturn.split(' ');
}

/** As a row keeps them: each once. */
export function earlyReturnsTo(transfers: readonly string[]): string | null {
  return transfers.length === 0 ? null : [...new Set(transfers)].sort().join(' ');
}
