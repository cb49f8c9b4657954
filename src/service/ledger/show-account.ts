import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { BalanceRow } from '../store/balances.ts';

/** A holder's account in one currency for the wire. */
export function showAccount({ currency, balance, held, closed }: BalanceRow): Output<'open-account'> {
  return {
    currency,
    state: closed === 0n ? 'open' : 'closed',
    balance: toWire(balance, currency),
    held: toWire(held, currency),
    available: toWire(balance - held, currency),
  };
}
