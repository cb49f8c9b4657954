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

/** When a batch has sent its COMMIT, so that the next may be sent behind it; and when it has ended. */
type Turn = { readonly sent: Promise<void>; readonly ended: Promise<void> };

/**
 * The posting lane of this node: one connection, made anew when it breaks, and one batch after the other. While a batch
 * commits, the next one already asks for its locks behind it on the same connection, so that the server need not wait
 * for us. A commit that has not answered in time is told as `outcome_unknown`, and so is one whose connection broke. It
 * is not cancelled, and nothing is decided before it answers. Posting the key again settles it, as the key is unique.
 */
export function makeLane(
  open: () => Promise<OwnClient>,
  watched: <T>(work: Promise<T>) => Promise<T>,
  options: LaneOptions = {},
): Lane {
  const { turnMs, loadMs, commitMs, patienceMs } = { ...DEFAULTS, ...options };
  let client: OwnClient | undefined;
  let last: Turn = { sent: Promise.resolve(), ended: Promise.resolve() };
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
  const decide = async <T>(work: (store: LedgerStore) => Promise<T>, before: Turn): Promise<Decided<T>> => {
    const batch = beginBatch(await connected());
    const tooLate = new Refusal('busy');
    let isNext = false;
    void before.ended.then(() => (isNext = true));
    try {
      return { batch, result: await within(loadMs, watched(work(batch.store)), () => tooLate) };
    } catch (error) {
      // Too late behind a commit that does not answer is the commit's matter; otherwise the connection is no use.
      if (isBroken(error) || (error === tooLate && isNext)) drop(batch.client);
      else batch.abandon().catch(() => drop(batch.client));
      throw error;
    }
  };

  /** Commits; never rejects. */
  const finish = async ({ client: on, end }: Batch): Promise<Ended> => {
    const impatient = setTimeout(() => drop(on), patienceMs);
    const ended = await watched(end());
    clearTimeout(impatient);
    if (ended.state === 'unknown' || (ended.state === 'rolled back' && isBroken(ended.error))) drop(on);
    return ended;
  };

  /** One try: the result, or why nothing was written and it may be tried again. */
  const attempt = async <T>(work: (store: LedgerStore) => Promise<T>): Promise<Tried<T>> => {
    const before = last;
    const sent = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<void>();
    last = {
      sent: before.sent.then(() => sent.promise),
      ended: before.ended.then(() => ended.promise),
    };
    let running: Promise<unknown> = Promise.resolve();
    try {
      await within(turnMs, before.sent, () => new Refusal('busy'));
      if (closed) throw new Refusal('service_stopping');
      const { batch, result } = await decide(work, before);
      const ending = finish(batch);
      running = ending;
      sent.resolve();
      const end = await within(commitMs, ending, () => new Refusal('outcome_unknown'));
      if (end.state === 'committed') return { result };
      if (end.state === 'rolled back') throw end.error;
      throw batch.matters() ? new Refusal('outcome_unknown') : unreachable();
    } catch (error) {
      if (lostRace(error) || isTaken(error) || isBroken(error)) return { lost: error };
      throw failureOf(error);
    } finally {
      sent.resolve();
      void running.then(() => ended.resolve());
    }
  };

  return {
    post: async (work) => {
      for (let tries = 1; ; tries++) {
        const tried = await attempt(work);
        if ('result' in tried) return tried.result;
        if (tries === MOST_TRIES) throw failureOf(tried.lost);
        if (!isTaken(tried.lost)) await pause(tries);
      }
    },
    close: async () => {
      closed = true;
      await last.ended;
      await client?.end();
    },
  };
}

type Decided<T> = { readonly batch: Batch; readonly result: T };
type Tried<T> = { readonly result: T } | { readonly lost: unknown };
