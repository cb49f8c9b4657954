import { timestamp, type Deps } from '../deps.ts';
import { deleteEvent, dueEvents, nextDue, postponeEvent, type OutboxRow } from '../store/outbox.ts';
import { composeMail, isKnown } from './compose.ts';
import { openPostOffice, type PostSettings } from './post-office.ts';

export type MailSettings = PostSettings;

export type Jobs = {
  /** Says that there may be something to do. */
  readonly wake: () => void;
  /** Does what is due, for a few seconds at most, and ends. */
  readonly stop: () => Promise<void>;
};

/** Events handled together, and deleted in one transaction. */
const SLICE = 200;
/** Mails on their way at once. */
const AT_ONCE = 8;
/** How long to wait for more before looking, so that many calls cause one look. */
const GATHER_MS = 10;
/** Waits after a failure: twice as long each time. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
/** After so many failures an event is given up: the waits before make about six hours. */
const MOST_ATTEMPTS = 16;
/** The longest rest, after which the table is looked at, and a mail server that was away is tried, whatever is known. */
const LONGEST_REST_MS = 60_000;
/** While money is being posted, rest this many times as long as a slice took. */
const COURTESY = 4;
const STOP_MS = 3_000;

/**
 * Starts what happens after commits: a single worker takes due events from the outbox, mails before notices, oldest
 * first, and deletes each when it is done. An event is done at least once: after a crash in between it is done again,
 * under the same id. Nothing here keeps the process alive. Throws what openPostOffice throws.
 */
export function startJobs(deps: Deps, settings: MailSettings): Jobs {
  const office = openPostOffice(settings, deps.publicUrl);
  const abort = new AbortController();
  /** Sent, but a failed transaction kept the row. */
  const sent = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let wakesAt = Infinity;
  let round: Promise<void> | undefined;
  let woken = false;
  /** Rounds in a row in which no mail got out for want of a server or a folder. */
  let failures = 0;
  let wayIsClosed = false;
  let stopping = false;

  const lookIn = (ms: number): void => {
    const at = performance.now() + ms;
    if (stopping || at >= wakesAt) return;
    clearTimeout(timer);
    wakesAt = at;
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  };

  const look = (): Promise<void> => {
    wakesAt = Infinity;
    round ??= work()
      .then(
        (restMs) => lookIn(woken && failures === 0 ? GATHER_MS : restMs),
        (error: unknown) => {
          deps.log.error('jobs_failed', { stack: (error as Error).stack ?? String(error) });
          lookIn(waitAfter((failures += 1)));
        },
      )
      .finally(() => (round = undefined));
    return round;
  };

  /** Works until nothing is due; gives how long there is nothing to do, in milliseconds. */
  const work = async (): Promise<number> => {
    woken = false;
    try {
      for (let events = await due(deps); events.length > 0; events = await due(deps)) {
        const startedAt = performance.now();
        await settle(events);
        if (abort.signal.aborted) break;
        if (failures > 0 && !stopping) return Math.min(LONGEST_REST_MS, waitAfter(failures));
        if (deps.poster.depth() > 0 && !stopping) await pause((performance.now() - startedAt) * COURTESY);
      }
    } finally {
      office.close();
    }
    const next = await nextDue(deps.engine);
    const restMs = next === undefined ? LONGEST_REST_MS : Date.parse(next) - deps.now();
    return Math.max(GATHER_MS, Math.min(LONGEST_REST_MS, restMs));
  };

  /** Handles events and writes in one transaction what became of them. */
  const settle = async (events: readonly OutboxRow[]): Promise<void> => {
    const failed = new Set<OutboxRow>();
    wayIsClosed = false;
    const queue = events.values();
    const worker = async (): Promise<void> => {
      for (const event of queue) if (!(await handle(event))) failed.add(event);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    await deps.engine.transact(async (tx) => {
      for (const event of events) {
        const attempts = Number(event.attempts) + 1;
        if (!failed.has(event)) await deleteEvent(tx, event.id);
        else if (attempts < MOST_ATTEMPTS || !isKnown(event.kind)) {
          await postponeEvent(tx, event.id, timestamp(deps.now() + waitAfter(attempts)));
        } else {
          deps.log.error('mail_given_up', { mail: event.id, kind: event.kind, attempts });
          await deleteEvent(tx, event.id);
        }
      }
    });
    sent.clear();
    failures = wayIsClosed ? failures + 1 : 0;
  };

  const handle = async (event: OutboxRow): Promise<boolean> => {
    if (sent.has(event.id)) return true;
    // Written by a newer version beside this one, which will see to it.
    if (!isKnown(event.kind)) return false;
    try {
      const mail = await composeMail(deps, event);
      if (mail) await office.send(mail, deps.now(), abort.signal);
      sent.add(event.id);
      return true;
    } catch (error) {
      const { code = 'unknown', responseCode = 0 } = error as { code?: string; responseCode?: number };
      const fields = { mail: event.id, kind: event.kind, attempts: Number(event.attempts) + 1 };
      deps.log.error('mail_failed', { ...fields, code, response: responseCode });
      // EENVELOPE and EMESSAGE are answers about this one mail; a 5xx is the last word on it (RFC 5321, 4.2.1).
      if (!['EENVELOPE', 'EMESSAGE'].includes(code)) wayIsClosed = true;
      return !wayIsClosed && responseCode >= 500;
    }
  };

  lookIn(GATHER_MS);
  return {
    wake: () => {
      woken = true;
      if (!round && failures === 0) lookIn(GATHER_MS);
    },
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      const deadline = setTimeout(() => abort.abort(), STOP_MS);
      await round;
      await look();
      clearTimeout(deadline);
    },
  };
}

/** Mails somebody waits for go before everything else: their ids begin with `mal_`. */
async function due(deps: Deps): Promise<OutboxRow[]> {
  const now = timestamp(deps.now());
  const mails = await dueEvents(deps.engine, 'mal_', now, SLICE);
  return mails.length > 0 ? mails : dueEvents(deps.engine, '', now, SLICE);
}

function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
