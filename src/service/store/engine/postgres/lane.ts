import { Refusal } from '../../../../core/contract/refusals.ts';
import type { LedgerStore } from '../ledger-store.ts';
import type { Ended } from './commit.ts';
import type { OwnClient } from './connections.ts';
import { failureOf, isBroken, isTaken, lostRace, unreachable } from './failures.ts';
import { beginBatch, type Batch } from './ledger-store.ts';
import { pause, within } from './waiting.ts';

export type LaneOptions = {
  /** How long a batch waits for the one before it, in milliseconds like all of these. */
  readonly turnMs?: number;
  /** How long the locks and rows of a batch may take. */
  readonly loadMs?: number;
  /** How long a commit is waited for before the answer is `outcome_unknown`. */
  readonly commitMs?: number;
  /** When to let go of a connection that still has not answered a commit. */
  readonly patienceMs?: number;
};

export type Lane = {
  /** `work` decides a batch; it may run again from the start. */
  readonly post: <T>(work: (store: LedgerStore) => Promise<T>) => Promise<T>;
  /** Waits for what runs, and ends the connection. */
  readonly close: () => Promise<void>;
};

/** How often a batch is decided that loses against other nodes, before it is `busy`. */
const MOST_TRIES = 10;
const DEFAULTS: Required<LaneOptions> = {
  turnMs: 15_000,
  loadMs: 12_000,
  commitMs: 10_000,
  patienceMs: 60_000,
};

/**
 * The posting lane of this node: one connection, made anew when it breaks, and one batch after the other. A commit that
 * has not answered in time is told as `outcome_unknown`, and so is one whose connection broke. It is not cancelled:
 * until it answers, nothing else is posted here. Posting the key again settles it, as the key is unique.
 */
export function makeLane(open: () => Promise<OwnClient>, options: LaneOptions = {}): Lane {
  const { turnMs, loadMs, commitMs, patienceMs } = { ...DEFAULTS, ...options };
  let client: OwnClient | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let closed = false;

  const drop = (broken: OwnClient): void => {
    if (client === broken) client = undefined;
    broken.cut();
  };
  const connected = async (): Promise<OwnClient> => {
    if (client) return client;
    const opened = await open();
    opened.on('end', () => drop(opened));
    return (client = opened);
  };

  /** Reads and decides; nothing can have been committed when this throws. */
  const decide = async <T>(
    work: (store: LedgerStore) => Promise<T>,
  ): Promise<{ batch: Batch; result: T }> => {
    const on = await connected();
    const batch = beginBatch(on);
    try {
      return { batch, result: await within(loadMs, work(batch.store), unreachable) };
    } catch (error) {
      if (isBroken(error) || error instanceof Refusal) drop(on);
      else await within(loadMs, on.query('ROLLBACK'), unreachable).catch(() => drop(on));
      throw error;
    }
  };

  /** Commits; never rejects. */
  const finish = async (batch: Batch): Promise<Ended> => {
    const on = batch.client;
    const impatient = setTimeout(() => drop(on), patienceMs);
    const ended = await batch.end();
    clearTimeout(impatient);
    if (ended.state === 'unknown' || (ended.state === 'rolled back' && isBroken(ended.error))) drop(on);
    return ended;
  };

  /** One try: the result, or what was lost against another node. */
  const attempt = async <T>(
    work: (store: LedgerStore) => Promise<T>,
  ): Promise<{ result: T } | { lost: unknown }> => {
    const before = last;
    const { promise: mine, resolve: leave } = Promise.withResolvers<void>();
    last = before.then(() => mine);
    let running: Promise<unknown> = Promise.resolve();
    try {
      await within(turnMs, before, () => new Refusal('busy'));
      if (closed) throw new Refusal('service_stopping');
      const { batch, result } = await decide(work);
      const ending = finish(batch);
      running = ending;
      const ended = await within(commitMs, ending, () => new Refusal('outcome_unknown'));
      if (ended.state === 'committed') return { result };
      if (ended.state === 'rolled back') throw ended.error;
      throw batch.writes() ? new Refusal('outcome_unknown') : unreachable();
    } catch (error) {
      if (lostRace(error) || isTaken(error)) return { lost: error };
      throw failureOf(error);
    } finally {
      void running.then(() => leave());
    }
  };

  return {
    post: async (work) => {
      for (let tries = 1; ; tries++) {
        const tried = await attempt(work);
        if ('result' in tried) return tried.result;
        if (tries === MOST_TRIES) throw failureOf(tried.lost);
        if (lostRace(tried.lost)) await pause(tries);
      }
    },
    close: async () => {
      closed = true;
      await last;
      await client?.end();
    },
  };
}
