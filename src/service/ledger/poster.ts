import { AssertionError } from 'node:assert/strict';
import type { Engine } from '../store/engine/engine.ts';
import type { AccountRow, LedgerStore } from '../store/engine/ledger-store.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { restrictionGuardsOf } from './guards.ts';
import type { Intent, Outcome } from './intent.ts';
import { Book } from './rules.ts';

/** The most intents one commit carries. */
export const BATCH_LIMIT = 1_000;
/** So many are decided before their rows are handed over, so that a server writes them while the next are decided. */
const SLICE = 125;
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
        engine.atEndOfTurn(() => void flush());
      }),
  };
}

async function decide(store: LedgerStore, now: () => string, intents: readonly Intent[]): Promise<Outcome[]> {
  if (intents.length === 0) return [];
  const state = await store.load({
    accounts: distinct(intents, accountsOf),
    keys: intents.map(({ key }) => key),
    guards: distinct(intents, guardsOf),
    holds: distinct(intents, ({ resolveHolds = [] }) => resolveHolds.map(({ id }) => id)),
  });
  const asked = guardsToAsk(intents, state.accounts);
  const guards = asked.length === 0 ? state.guards : [...state.guards, ...(await store.loadGuards(asked))];
  const book = new Book(now(), { ...state, guards }, new Set(asked));
  const outcomes = intents.map((intent, at) => {
    if (at > 0 && at % SLICE === 0) store.append(book.takeRows());
    return book.decide(intent);
  });
  await store.write(book.changes());
  return outcomes;
}

function distinct(intents: readonly Intent[], of: (intent: Intent) => readonly string[]): string[] {
  return [...new Set(intents.flatMap(of))];
}

/** The guards that are asked in any case. */
function guardsOf({ guards = [] }: Intent): string[] {
  const names: string[] = [];
  for (const { name, of } of guards) if (!of) names.push(name);
  return names;
}

function accountsOf(intent: Intent): string[] {
  const { transfer, entries, makeHolds = [], resolveHolds = [], watch = [], open = [], close = [] } = intent;
  const names = [...entries, ...makeHolds, ...resolveHolds].map(({ account }) => account.name);
  for (const { name } of [...watch, ...open, ...close]) names.push(name);
  return transfer ? [...names, transfer.from.name, transfer.to.name] : names;
}

/**
 * The guards that have to be asked because an account is watched, will be by this batch, or is not there. Of one that is
 * there all that may keep its owner from anything is asked: when nothing does, it need not be watched any more.
 */
function guardsToAsk(intents: readonly Intent[], accounts: readonly AccountRow[]): string[] {
  const isWatched = new Map(accounts.map(({ name, watched }) => [name, watched === 1n]));
  for (const { watch = [] } of intents)
    for (const { name } of watch) if (isWatched.has(name)) isWatched.set(name, true);
  const names = new Set<string>();
  for (const { guards = [] } of intents)
    for (const { name, of } of guards) {
      const watched = of && isWatched.get(of.name);
      if (!of || watched === false) continue;
      names.add(name);
      if (watched) for (const each of restrictionGuardsOf(of.owner ?? '')) names.add(each);
    }
  return [...names];
}
