import { timestamp, type Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { deleteEvent, dueEvents, nextDue, postponeEvent, type OutboxRow } from '../store/outbox.ts';
import { isKnown } from './compose.ts';
import { expireHolds } from './expire-holds.ts';
import { openPostOffice, type PostSettings } from './post-office.ts';
import { makeSender } from './send-mails.ts';

export type MailSettings = PostSettings;

export type Jobs = {
  /** Says that there may be something to do. */
  readonly wake: () => void;
  /** Does what is due, for a few seconds at most, and ends. */
  readonly stop: () => Promise<void>;
};

/** Events handled together, and deleted in one transaction; fewer while money is posted, which must not wait. */
const SLICE = 200;
const SLICE_WHILE_POSTING = 25;
/** While money is posted, rest this many times as long as a slice took. */
const COURTESY = 4;
/** How long to wait for more before looking, so that many calls cause one look. */
const GATHER_MS = 10;
/** Waits after a failure: twice as long each time. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 3_600_000;
/** After so many failures an event is given up: the waits before make about six hours. */
const MOST_ATTEMPTS = 16;
/** The least rest when what is due next was not woken for; and the longest, after which the table is looked at, and a mail server that was away is tried, whatever is known. */
const LEAST_REST_MS = 1_000;
const LONGEST_REST_MS = 60_000;
const STOP_MS = 3_000;

/**
 * Starts what happens after commits: a single worker lets go of holds whose time has come, takes due events from the
 * outbox, mails before notices, oldest first, and deletes each when it is done. An event is done at least once: after a crash in between it is done again,
 * under the same id. Nothing here keeps the process alive. Throws what openPostOffice throws.
 */
export function startJobs(deps: Deps, settings: MailSettings): Jobs {
  const office = openPostOffice(settings, deps.publicUrl);
  const abort = new AbortController();
  const sendMails = makeSender(deps, office, abort.signal);
  /** Done, but the transaction that says so failed: not to be done twice. */
  const done = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let looksAt = Infinity;
  let round: Promise<void> | undefined;
  let woken = false;
  let stopping = false;
  /** Rounds in a row in which no mail got out for want of a server or a folder, or the database failed. */
  let failures = 0;

  const lookIn = (ms: number): void => {
    const at = performance.now() + ms;
    if (stopping || at >= looksAt) return;
    clearTimeout(timer);
    looksAt = at;
    timer = setTimeout(() => void look(), ms);
    timer.unref();
  };

  const look = (): Promise<void> => {
    looksAt = Infinity;
    woken = false;
    round ??= work()
      .catch((error: unknown) => {
        failures += 1;
        deps.log.error('jobs_failed', { stack: (error as Error).stack ?? String(error) });
        return waitAfter(failures);
      })
      .then((restMs) => {
        round = undefined;
        lookIn(woken && failures === 0 ? GATHER_MS : Math.min(LONGEST_REST_MS, restMs));
      });
    return round;
  };

  /** Works until nothing is due, or nothing gets out; gives how long to rest, in milliseconds. */
  const work = async (): Promise<number> => {
    const nextHold = await expireHolds(deps);
    try {
      for (let events = await due(deps); events.length > 0; events = await due(deps)) {
        const startedAt = performance.now();
        await settle(events);
        if (abort.signal.aborted) break;
        if (failures > 0 && !stopping) return waitAfter(failures);
        if (deps.poster.depth() > 0 && !stopping) await pause((performance.now() - startedAt) * COURTESY);
      }
    } finally {
      office.close();
    }
    const next = [nextHold, await nextDue(deps.engine)].filter((time) => time !== undefined);
    return Math.max(LEAST_REST_MS, Math.min(...next.map((time) => Date.parse(time) - deps.now())));
  };

  /** Handles events and writes in one transaction what became of them. */
  const settle = async (events: readonly OutboxRow[]): Promise<void> => {
    const fates = await sendMails(events.filter(({ id }) => !done.has(id)));
    for (const [{ id }, fate] of fates) if (fate === 'done') done.add(id);
    await deps.engine.transact(async (tx) => {
      for (const event of events) {
        if (done.has(event.id)) await deleteEvent(tx, event.id);
        else await tryAgain(tx, deps, event);
      }
    });
    done.clear();
    failures = [...fates.values()].includes('closed') ? failures + 1 : 0;
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
  const limit = deps.poster.depth() > 0 ? SLICE_WHILE_POSTING : SLICE;
  const mails = await dueEvents(deps.engine, 'mal_', now, limit);
  return mails.length > 0 ? mails : dueEvents(deps.engine, '', now, limit);
}

async function tryAgain(tx: Writer, deps: Deps, event: OutboxRow): Promise<void> {
  const attempts = Number(event.attempts) + 1;
  if (attempts < MOST_ATTEMPTS || !isKnown(event.kind)) {
    await postponeEvent(tx, event.id, timestamp(deps.now() + waitAfter(attempts)));
  } else {
    deps.log.error('mail_given_up', { mail: event.id, kind: event.kind, attempts });
    await deleteEvent(tx, event.id);
  }
}

function waitAfter(failures: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failures - 1));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
