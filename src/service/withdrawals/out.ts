import { outGuard } from '../ledger/guards.ts';
import type { Guard } from '../ledger/intent.ts';
import type { WithdrawalRow } from '../store/withdrawals.ts';

/**
 * The guard of what is at the bank: `add` minor units come back, or, below zero, have left. It is refused for what has not
 * left, and for more than that.
 */
export function outGuardOf({ id, state }: Pick<WithdrawalRow, 'id' | 'state'>, add: bigint): Guard {
  return {
    name: outGuard(id),
    add,
    most: 0n,
    refusal: { code: 'withdrawal_decided', facts: { id, state } },
  };
}
