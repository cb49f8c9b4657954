import { AssertionError } from 'node:assert/strict';
import type { Engine } from '../store/engine/engine.ts';
import type { LedgerStore } from '../store/engine/ledger-store.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Intent, Outcome } from './intent.ts';
import { Book } from './rules.ts';

/** The most intents one commit carries. */
export const BATCH_LIMIT = 1_000;
/** How many intents may wait before new ones are turned away (`busy`). */
export const QUEUE_LIMIT = 20_000;

type Waiting = {
  readonly intent: Intent;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
};

/** The only writer of money. */
export type Poster = {
  /**
   * Decides and writes one intent durably; intents that arrive together share a commit. Rejects when nothing was
   * written, or with `outcome_unknown`. A failed assertion blows the engine's fuse: no intent is decided after it.
   */
  readonly post: (intent: Intent) => Promise<Outcome>;
  /** How many intents wait or are being written. */
  readonly depth: () => number;
  /** How many were taken so far, to see whether money moves. */
  readonly taken: () => number;
};

/**
 * Makes the poster of one engine. Batches form by themselves while the last one commits: no timer. `now` gives the
 * time of a batch in RFC 3339, read inside its transaction.
 */
export function makePoster(engine: Engine, now: () => string): Poster {
  const { postsAtOnce = 1 } = engine;
  let waiting: Waiting[] = [];
  let running = 0;
  let flushes = 0;
  let taken = 0;

  const take = (): Waiting[] => {
    const batch = waiting.slice(0, BATCH_LIMIT);
    waiting = waiting.slice(BATCH_LIMIT);
    running += batch.length;
    taken += batch.length;
    return batch;
  };

  const flush = async (): Promise<void> => {
    while (waiting.length > 0) {
      let batch: Waiting[] = [];
      try {
        const outcomes = await engine.post(async (store) => {
          engine.fuse.check();
          // Taken when its turn has come, so that all who came until then go along; and once, as this may run again.
          if (batch.length === 0) batch = take();
          return decide(
            store,
            now,
            batch.map(({ intent }) => intent),
          );
        });
        batch.forEach(({ resolve }, at) => resolve(outcomes[at] as Outcome));
      } catch (error) {
        if (error instanceof AssertionError) engine.fuse.blow(error);
        if (batch.length === 0) batch = take();
        for (const { reject } of batch) reject(error);
      }
      running -= batch.length;
    }
    flushes -= 1;
  };

  return {
    depth: () => waiting.length + running,
    taken: () => taken,
    post: (intent) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= QUEUE_LIMIT) return reject(new Refusal('busy'));
        waiting.push({ intent, resolve, reject });
        if (flushes >= postsAtOnce) return;
        flushes += 1;
        // Everything that arrives in this turn of the event loop joins the batch.
        setImmediate(() => void flush());
      }),
  };
}

async function decide(store: LedgerStore, now: () => string, intents: readonly Intent[]): Promise<Outcome[]> {
  if (intents.length === 0) return [];
  const state = await store.load({
    accounts: distinct(intents, accountsOf),
    keys: intents.map(({ key }) => key),
    guards: distinct(intents, ({ guards = [] }) => guards.map(({ name }) => name)),
    holds: distinct(intents, ({ resolveHolds = [] }) => resolveHolds.map(({ id }) => id)),
  });
  const book = new Book(now(), state);
  const outcomes = intents.map((intent) => book.decide(intent));
  await store.write(book.changes());
  return outcomes;
}

function distinct(intents: readonly Intent[], of: (intent: Intent) => readonly string[]): string[] {
  return [...new Set(intents.flatMap(of))];
}

function accountsOf({ transfer, entries, makeHolds = [], resolveHolds = [] }: Intent): string[] {
  const names = [...entries, ...makeHolds, ...resolveHolds].map(({ account }) => account.name);
  return transfer ? [...names, transfer.from.name, transfer.to.name] : names;
}
