import { firstIdAt } from '../../core/contract/ids.ts';
import type { Reader } from '../store/engine/engine.ts';
import { quotedTransfers } from '../store/contents.ts';

/**
 * Ids sort by the time they were made, which is a little before they are committed: what is younger than this, in
 * milliseconds, may still get company that sorts before it.
 */
const SETTLED_MS = 60_000;
/** Transfers read at once, and in one go. */
const PAGE_SIZE = 1_000;
const MOST_PAGES = 20;

/** What was found so far: minor units without sign, by currency. */
export type Difference = { readonly differences: ReadonlyMap<string, number>; readonly compared: number };

export type QuoteComparison = {
  /** Goes on from where it was; a bounded piece of work. `nowMs` in Unix milliseconds. */
  readonly goOn: (db: Reader, nowMs: number) => Promise<Difference>;
};

/**
 * Compares what was booked with what was quoted. It reads both from the database, after the commit, and not from what
 * the code meant to write: so it also sees what other nodes booked, and a fault on the way. It begins with the transfers
 * of a minute before it was made; the audit compares all there are.
 */
export function compareQuotes(): QuoteComparison {
  const differences = new Map<string, number>();
  const add = (currency: string, apart: bigint) =>
    differences.set(currency, (differences.get(currency) ?? 0) + Number(apart));
  let compared = 0;
  let after: string | undefined;
  return {
    goOn: async (db, nowMs) => {
      after ??= firstIdAt('transfer', nowMs - SETTLED_MS);
      const until = firstIdAt('transfer', nowMs - SETTLED_MS);
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const rows = await quotedTransfers(db, after, until, PAGE_SIZE);
        for (const { id, currency, apart, receiveCurrency, receivedApart } of rows) {
          add(currency, apart);
          add(receiveCurrency, receivedApart);
          after = id;
        }
        compared += rows.length;
        if (rows.length < PAGE_SIZE) break;
      }
      return { differences, compared };
    },
  };
}
