import { sealRecords } from '../audit-log/seal.ts';
import { timestamp, type Deps } from '../deps.ts';
import { insertSentMails, type SentMailRow } from '../store/sent-mails.ts';
import { deleteEvents, nextDue, postponeEvent, type OutboxRow } from '../store/outbox.ts';
import { isKnown } from './compose.ts';
import { expireHolds } from './expire-holds.ts';
import { followWithdrawals } from './follow-withdrawals.ts';
import { forget } from './forget.ts';
import { openPostOffice, type PostSettings } from './post-office.ts';
import { runApprovals } from './run-approvals.ts';
import { makeSender } from './send-mails.ts';
import { settleRestrictions } from './settle-restrictions.ts';
import { makeShare } from './share.ts';

export type MailSettings = PostSettings;

export type JobSettings = MailSettings & {
  /** How long another node waits for one that took work and went away, in milliseconds; 15 seconds unless given. */
  readonly leaseMs?: number;
};

export type Jobs = {
  /** Says that there may be something to do. */
  readonly wake: () => void;
  /** Does what is due, for a few seconds at most, and ends; nothing more once the engine's fuse has blown. */
  readonly stop: () => Promise<void>;
};

/** Events handled together, and deleted in one transaction; fewer while money is posted, which must not wait. */
const SLICE = 200;
const SLICE_WHILE_POSTING = 25;
/** While money is posted, rest this many times as long as a slice took: the worker's share is a tenth at most. */
const COURTESY = 9;
/** How long to wait for more before looking, so that many calls cause one look. */
const GATHER_MS = 10;
/** Waits after a failure: twice as long each time. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
/** After so many failures an event is given up: the waits before make about six hours. */
const MOST_ATTEMPTS = 16;
/**
 * The least rest when what is due next was not woken for; and the longest, after which the table is looked at (a node
 * that died woke nobody), and a mail server that was away is tried, whatever is known.
 */
const LEAST_REST_MS = 1_000;
const LONGEST_REST_MS = 15_000;
const LEASE_MS = 15_000;
const STOP_MS = 3_000;

/**
 * Starts what happens after commits: a single worker lets go of holds whose time has come, takes due events from the
 * outbox, mails before notices, oldest first, and deletes each when it is done; then it deletes what is past its term. An event is done at least once: after a
 * crash in between it is done again, under the same id. Where several nodes see the same outbox, each takes its share for
 * a while: what a node that died had taken, or had just written, the others find when that time is over. Nothing here
 * keeps the process alive. Throws what openPostOffice throws.
 */
export function startJobs(deps: Deps, settings: JobSettings): Jobs {
  const { leaseMs = LEASE_MS } = settings;
  const share = makeShare(deps, leaseMs);
  const office = openPostOffice(settings, deps.publicUrl);
  const abort = new AbortController();
  const sendMails = makeSender(deps, office, abort.signal);
  /** Done, but the transaction that says so failed: not to be done twice. With the mail, where one went out. */
  const done = new Map<string, SentMailRow | undefined>();
  let timer: NodeJS.Timeout | undefined;
  let looksAt = Infinity;
  let round: Promise<void> | undefined;
  let woken = false;
  let stopping = false;
  let taken = 0;
  let endPause = (): void => undefined;
  /** Rounds in a row in which no mail got out for want of a server or a folder, and in which the database failed. */
  let failures = 0;
  let outages = 0;

  const isWell = () => failures === 0 && outages === 0;

  const lookIn = (ms: number): void => {
    const at = performance.now() + ms;
    if (stopping || at >= looksAt) return;
    clearTimeout(timer);
    looksAt = at;
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  };

  /** Lets the money go first. Stopping ends it at once: a timer that keeps nothing alive must not be waited for. */
  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const rest = setTimeout(resolve, ms).unref();
      endPause = () => {
        clearTimeout(rest);
        resolve();
      };
    });

  const look = (): Promise<void> => {
    looksAt = Infinity;
    woken = false;
    // Whoever begins anew does what is due.
    if (deps.engine.fuse.isBlown()) return Promise.resolve();
    round ??= work()
      .then((restMs) => {
        outages = 0;
        return restMs;
      })
      .catch((error: unknown) => {
        outages += 1;
        deps.log.error('jobs_failed', { stack: (error as Error).stack ?? String(error) });
        return waitAfter(outages);
      })
      .then((restMs) => {
        round = undefined;
        lookIn(woken && isWell() ? GATHER_MS : Math.min(LONGEST_REST_MS, restMs));
      });
    return round;
  };

  /** Works until nothing is due, or nothing gets out; gives how long to rest, in milliseconds. */
  const work = async (): Promise<number> => {
    const nextHold = await expireHolds(deps, () => share.takeWork('expire-holds'));
    const nextRestriction = await settleRestrictions(deps, () => share.takeWork('settle-restrictions'));
    const nextApproval = await runApprovals(deps, () => share.takeWork('run-approvals'));
    const nextWithdrawal = await followWithdrawals(deps, () => share.takeWork('follow-withdrawals'));
    await sealRecords(deps, () => share.takeWork('seal-records'));
    try {
      let isPosting = moneyMoves();
      const take = () => share.takeEvents(isPosting ? SLICE_WHILE_POSTING : SLICE);
      for (let events = await take(); events.length > 0; events = await take()) {
        const startedAt = performance.now();
        await settle(events);
        if (abort.signal.aborted) break;
        if (failures > 0 && !stopping) return waitAfter(failures);
        isPosting = moneyMoves();
        if (isPosting && !stopping) await pause((performance.now() - startedAt) * COURTESY);
      }
    } finally {
      office.close();
    }
    const hasMore = await forget(deps, () => share.takeWork('forget'));
    if (hasMore) return LEAST_REST_MS;
    const next = await nextDue(deps.engine);
    const dues = [nextHold, nextRestriction, nextApproval, nextWithdrawal, next.at];
    const times = dues.filter((time) => time !== undefined);
    const restMs = Math.min(...times.map((time) => Date.parse(time) - deps.now()));
    return Math.max(LEAST_REST_MS, next.claimed ? Math.min(restMs, leaseMs) : restMs);
  };

  /** Whether money waits, or was posted since this was last asked: an engine may post it all within one turn. */
  const moneyMoves = (): boolean => {
    const before = taken;
    taken = deps.poster.taken();
    return taken !== before || deps.poster.depth() > 0;
  };

  /** Handles events and writes in one transaction what became of them. */
  const settle = async (events: readonly OutboxRow[]): Promise<void> => {
    const fates = await share.keepWhile(() => sendMails(events.filter(({ id }) => !done.has(id))));
    for (const [{ id }, { is, sent }] of fates) if (is === 'done') done.set(id, sent);
    const hopeless = events.filter((event) => !done.has(event.id) && isHopeless(event));
    const over = new Set([...hopeless.map(({ id }) => id), ...done.keys()]);
    const mails = events.flatMap(({ id }) => done.get(id) ?? []);
    await deps.engine.transact(async (tx) => {
      await insertSentMails(tx, mails);
      await deleteEvents(
        tx,
        events.map(({ id }) => id).filter((id) => over.has(id)),
      );
      for (const { id, attempts } of events) {
        const waitMs = waitAfter(Number(attempts) + 1);
        if (!over.has(id)) await postponeEvent(tx, id, timestamp(deps.now() + waitMs));
      }
    });
    for (const { id, kind } of hopeless)
      deps.log.error('mail_given_up', { mail: id, kind, attempts: MOST_ATTEMPTS });
    for (const { id } of events) done.delete(id);
    share.letGo(events.map(({ id }) => id));
    failures = [...fates.values()].some(({ is }) => is === 'closed') ? failures + 1 : 0;
  };

  lookIn(GATHER_MS);
  return {
    wake: () => {
      woken = true;
      if (!round && isWell()) lookIn(GATHER_MS);
    },
    stop: async () => {
      stopping = true;
      endPause();
      clearTimeout(timer);
      const deadline = setTimeout(() => abort.abort(), STOP_MS);
      await round;
      await look();
      await share.giveBack().catch(() => undefined);
      clearTimeout(deadline);
    },
  };
}

/** Whether an event has failed as often as it may. What a newer version wrote waits for it for ever. */
function isHopeless({ attempts, kind }: OutboxRow): boolean {
  return Number(attempts) + 1 >= MOST_ATTEMPTS && isKnown(kind);
}

function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}
