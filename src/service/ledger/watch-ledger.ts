import { Refusal } from '../../core/contract/refusals.ts';
import type { Poster } from './poster.ts';
import type { Engine } from '../store/engine/engine.ts';
import type { LedgerChanges, LedgerNames, LedgerStore, TransferRow } from '../store/engine/ledger-store.ts';
import { keyOf, type BatchFacts, type Watch } from '../watch/watch.ts';

/** An engine whose batches are seen. It does what the engine does: what is seen is only written down beside it. */
export function watchEngine<E extends Engine>(engine: E, watch: Watch): E {
  const post: Engine['post'] = async (work) => {
    const askedAt = performance.now();
    const seen: Seen = { names: undefined, keys: [], transfers: [] };
    let [begunAt, decidedAt] = [askedAt, askedAt];
    const tell = (outcome: BatchFacts['outcome']) => {
      const size = seen.names?.keys.length ?? 0;
      if (size > 0)
        watch.batch({
          ...factsOf(seen),
          size,
          askedAt,
          begunAt,
          decidedAt,
          endedAt: performance.now(),
          outcome,
        });
    };
    try {
      const result = await engine.post(async (store) => {
        begunAt = performance.now();
        const decided = await work(seeing(store, seen));
        decidedAt = performance.now();
        return decided;
      });
      tell('done');
      return result;
    } catch (error) {
      tell(error instanceof Refusal && error.code === 'outcome_unknown' ? 'unknown' : 'failed');
      throw error;
    }
  };
  return { ...engine, post };
}

/** A poster whose intents are seen. */
export function watchPoster(poster: Poster, watch: Watch): Poster {
  return { ...poster, post: (intent) => watch.post(keyOf(intent.key), () => poster.post(intent)) };
}

type Seen = { names: LedgerNames | undefined; keys: LedgerChanges['keys']; transfers: TransferRow[] };

function seeing(store: LedgerStore, seen: Seen): LedgerStore {
  return {
    load: (names) => {
      // A batch may be decided again from the start.
      Object.assign(seen, { names, keys: [], transfers: [] });
      return store.load(names);
    },
    loadGuards: store.loadGuards,
    append: (rows) => {
      seen.transfers.push(...rows.transfers);
      store.append(rows);
    },
    write: (changes) => {
      seen.keys = changes.keys;
      seen.transfers.push(...changes.transfers);
      return store.write(changes);
    },
  };
}

function factsOf({ names, keys, transfers: rows }: Seen): Pick<BatchFacts, 'keys' | 'refused' | 'transfers'> {
  const transfers = new Map<string, number>();
  for (const { kind } of rows) transfers.set(kind, (transfers.get(kind) ?? 0) + 1);
  return {
    keys: (names?.keys ?? []).map(keyOf),
    refused: keys.filter(({ refusal }) => refusal !== null).length,
    transfers,
  };
}
