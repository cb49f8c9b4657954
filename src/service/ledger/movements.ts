import type { Reader } from '../store/engine/engine.ts';
import { entriesAfter, entriesBefore, type TrailEntry } from './read.ts';

/** How many movements of one account are looked at from one transfer on. */
const FAR = 1_000;
/** Entries that may be out of order by the ids of their transfers, for having been posted together. */
const NEIGHBOURS = 50;

/** What an account did before or after a transfer. Amounts are minor units. */
export type Movements = {
  /** The balance right before the transfer. */
  readonly before: bigint;
  /** In the order of the account, beginning next to the transfer. */
  readonly entries: readonly TrailEntry[];
  /** Whether that is all there is, up to the account's first or last entry. */
  readonly whole: boolean;
};

/**
 * The movements of an account on one side of one of its transfers, in the order in which they were booked: entries are
 * numbered by account, and found by the ids of their transfers, which differ in order for what was posted together.
 * Undefined when the transfer has no entry in the account.
 */
export async function movementsBeside(
  db: Reader,
  account: bigint,
  transfer: string,
  side: 'before' | 'after',
): Promise<Movements | undefined> {
  const back = side === 'before';
  const [earlier, later] = await Promise.all([
    entriesBefore(db, account, transfer, back ? FAR : NEIGHBOURS),
    entriesAfter(db, account, transfer, back ? NEIGHBOURS : FAR),
  ]);
  const bySeq = new Map([...earlier, ...later].map((entry) => [entry.seq, entry]));
  const own = [...bySeq.values()].filter((entry) => entry.transfer === transfer);
  const [first] = own.toSorted((one, other) => (one.seq < other.seq ? -1 : 1));
  if (!first) return undefined;
  const step = back ? -1n : 1n;
  const entries: TrailEntry[] = [];
  let at = back ? first.seq : first.seq + BigInt(own.length) - 1n;
  for (let next = bySeq.get(at + step); next; next = bySeq.get(at + step)) {
    entries.push(next);
    at = next.seq;
  }
  const whole = back ? at === 1n : later.length < FAR && ![...bySeq.keys()].some((seq) => seq > at);
  return { before: first.before, entries, whole };
}
