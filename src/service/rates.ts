import type { OperationName } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { sourceOf } from './audit-log/network-of.ts';
import type { Actor } from './deps.ts';

/** So many calls in so long, all at once if need be; then one after the other, evenly. */
type Rate = { readonly calls: number; readonly inMs: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/**
 * What costs more than other calls and is no guess at anything: how often one holder, and everybody at one source
 * together, may ask (ASVS V2.4.1). Far above what people and payout scripts do. Opening accounts has a door of its own,
 * see identity/doors.ts.
 */
export const RATES: Partial<Record<OperationName, { readonly holder: Rate; readonly source: Rate }>> = {
  'create-quote': { holder: { calls: 600, inMs: MINUTE }, source: { calls: 3_000, inMs: MINUTE } },
  // Each may ask a bank in whose name an account is, and tells it.
  'add-bank-account': { holder: { calls: 20, inMs: HOUR }, source: { calls: 100, inMs: HOUR } },
  'import-report': { holder: { calls: 600, inMs: HOUR }, source: { calls: 1_200, inMs: HOUR } },
  'import-statement': { holder: { calls: 600, inMs: HOUR }, source: { calls: 1_200, inMs: HOUR } },
  'export-journal': { holder: { calls: 20, inMs: HOUR }, source: { calls: 60, inMs: HOUR } },
  'verify-ledger': { holder: { calls: 60, inMs: HOUR }, source: { calls: 120, inMs: HOUR } },
  'verify-audit': { holder: { calls: 60, inMs: HOUR }, source: { calls: 120, inMs: HOUR } },
};

/** Names remembered at most; beyond, those that were used least recently are forgotten. */
const MOST_REMEMBERED = 20_000;

/** Counts a call. Throws `too_many_attempts` with the seconds to wait. */
export type Rates = (operation: OperationName, caller: Pick<Actor, 'user' | 'console' | 'address'>) => void;

/**
 * Rates of one node, in its memory: nothing is asked of the database for them. Who
 * calls from the console is the machine's owner, and is not counted.
 */
export function makeRates(now: () => number): Rates {
  /** When all calls that were made are paid off (the generic cell rate algorithm, ITU-T I.371). */
  const paidAt = new Map<string, number>();
  return (operation, { user, console, address }) => {
    const rates = RATES[operation];
    if (!rates || console) return;
    const [at, wanted] = [now(), [] as [name: string, paid: number][]];
    for (const [who, rate] of [
      [`user ${user}`, rates.holder],
      [`source ${sourceOf(address)}`, rates.source],
    ] as const) {
      const name = `${operation} ${who}`;
      const paid = Math.max(at, paidAt.get(name) ?? 0) + rate.inMs / rate.calls;
      const waitMs = paid - at - rate.inMs;
      if (waitMs > 0)
        throw new Refusal('too_many_attempts', { retryAfter: String(Math.ceil(waitMs / 1_000)) });
      wanted.push([name, paid]);
    }
    for (const [name, paid] of wanted) {
      // Put at the end: the map is in the order of last use.
      paidAt.delete(name);
      paidAt.set(name, paid);
    }
    for (const [name] of paidAt) {
      if (paidAt.size <= MOST_REMEMBERED) break;
      paidAt.delete(name);
    }
  };
}
