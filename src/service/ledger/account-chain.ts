import { firstIdAt } from '../../core/contract/ids.ts';
import type { Reader } from '../store/engine/engine.ts';
import { entriesFrom, type ChainedEntry } from '../store/exported-transfers.ts';
import { edgeAt, type Edge } from '../store/transfer-trail.ts';

export type { ChainedEntry, Edge };

/** How far an account had come right before an instant, in Unix milliseconds. */
export function edgeBefore(db: Reader, account: bigint, ms: number): Promise<Edge> {
  const before = firstIdAt('transfer', ms);
  return edgeAt(db, account, { at: new Date(ms).toISOString(), before, isIn: false });
}

/**
 * The entries of an account after one edge and up to another, in the order of its chain, in pieces. They are read in the
 * order of ids, which is the same but for transfers that were posted together: those that come early wait. Throws when
 * they are no chain: each must begin with the balance that the one before left, and the last must leave that of the edge.
 */
export async function* chainBetween(
  db: Reader,
  account: bigint,
  first: Edge,
  last: Edge,
): AsyncGenerator<ChainedEntry[]> {
  let { seq, after: balance } = first;
  const early = new Map<bigint, ChainedEntry>();
  if (seq < last.seq)
    for await (const page of entriesFrom(db, account, first.walkFrom)) {
      for (const entry of page) if (entry.seq > seq && entry.seq <= last.seq) early.set(entry.seq, entry);
      const chained: ChainedEntry[] = [];
      for (let next = early.get(seq + 1n); next?.before === balance; next = early.get(seq + 1n)) {
        early.delete(next.seq);
        chained.push(next);
        [seq, balance] = [next.seq, next.after];
      }
      if (chained.length > 0) yield chained;
      if (seq === last.seq || early.has(seq + 1n)) break;
    }
  if (seq !== last.seq || balance !== last.after)
    throw new Error(
      `the entries of account ${account} are no chain after number ${seq}: see okpay ledger verify`,
    );
}
