import { chmodSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod/mini';
import { makeIdMaker } from './contract/ids.ts';
import { Refusal } from './contract/refusals.ts';
import { once } from './contract/once.ts';
import { schemas, wireMoney } from './contract/schemas.ts';
import { makePrivateFolder } from './places.ts';
import { takeLock } from './process-lock.ts';
import { readPlain } from './read-plain.ts';
import { syncFolder } from './sync-folder.ts';

const savedIntent = once(() =>
  z.strictObject({
    version: z.literal(1),
    /** The Idempotency-Key under which the service decides this, once. */
    key: z.string(),
    operation: z.enum(['create-transfer', 'create-withdrawal']),
    /** Sent again exactly as it is. */
    input: schemas.quotedTransfer(),
    /** The service it belongs to: the server's origin, or the database. */
    place: z.string(),
    /** Who pays; keys are each holder's own. */
    account: z.object({ id: z.string(), email: z.string() }),
    /** What was asked for. */
    asked: z.object({
      to: z.object({ id: z.optional(z.string()), name: z.string(), email: z.optional(z.string()) }),
      amount: wireMoney,
      feeFrom: z.enum(['sender', 'recipient']),
      note: z.optional(z.string()),
      other: z.optional(z.string()),
      isConversion: z.optional(z.literal(true)),
    }),
    /** The figures of the quote. */
    figures: z.object({ youPay: wireMoney, fee: wireMoney, theyGet: wireMoney, expiresAt: z.string() }),
    madeAt: z.string(),
    /** Which process made it: for people only. */
    process: z.number(),
  }),
);

/** A money call as it is written down before it leaves. */
export type SavedIntent = z.output<ReturnType<typeof savedIntent>>;
/** What the caller says of it; the journal adds the rest. */
export type IntentDraft = Pick<SavedIntent, 'input' | 'place' | 'account' | 'asked' | 'figures'> & {
  readonly key?: string | undefined;
  /** A payment unless given. */
  readonly operation?: SavedIntent['operation'];
};

/** An intent whose outcome nobody else is finding out. */
export type OpenIntent = {
  readonly intent: SavedIntent;
  /** Its outcome is known and told: the file goes. */
  readonly close: () => void;
  /** Its outcome is not known: the file stays, for the next command to settle. */
  readonly leave: () => void;
};

export type Journal = {
  readonly folder: string;
  /** A new Idempotency-Key: `key_…`, random and sorted by time. */
  readonly newKey: () => string;
  /**
   * Writes an intent down, durably: when this returns, it survives a crash and a power cut. Only then may the call
   * leave. Throws `journal_unwritable`.
   */
  readonly begin: (draft: IntentDraft) => OpenIntent;
  /** Every intent that is open or under way for this place, or for any, oldest first. */
  readonly list: (place?: string) => Listing;
  /**
   * Takes over an intent whose process has ended: `live` while one works on it, `gone` when it was closed meanwhile.
   */
  readonly claim: (found: Found) => OpenIntent | 'live' | 'gone';
};

export type Found = { readonly path: string; readonly intent: SavedIntent };
export type Listing = {
  readonly found: readonly Found[];
  /** `journal_damaged` for each file that cannot be read, whichever place it was for: it may stand for a payment. */
  readonly damaged: readonly Refusal[];
};

/** More than any intent can have, in bytes. */
const SIZE_LIMIT = 65_536;
/** What is left of a process that ended while writing is swept when it is older than any call can last. */
const SWEEP_AFTER_MS = 24 * 3_600_000;

/**
 * The journal of a profile: one file for each money call that has left and whose outcome has not been told yet, in a
 * folder only the user can enter. The order is: write, call, print, remove. So a file that is there after its process
 * has ended is a payment that may or may not have happened, and asking again under its key tells which and never pays
 * twice. A file that is not there is a call that never left, or one whose outcome was printed.
 *
 * Two processes. Each holds an operating system lock (`takeLock`) on a file beside its intent for as long as it works
 * on it, from before the intent is there until after it is gone. Whoever gets the lock of an intent that is there knows
 * that its process has ended, and is the only one to settle it; whoever does not get it leaves the intent alone.
 * A process id would not do: containers give the same one to every run, and taking the crashed intent of the last run
 * for one under way would pay again. The other mistake is harmless: two processes that ask under one key get the same
 * answer.
 */
export function openJournal(dataFolder: string, profile: string, now: () => number): Journal {
  const folder = join(dataFolder, 'journal', profile);
  const newId = makeIdMaker(now, randomBytes);

  const opened = (path: string, intent: SavedIntent, unlock: () => void): OpenIntent => ({
    intent,
    leave: unlock,
    close: () => {
      rmSync(path, { force: true });
      unlock();
      rmSync(lockOf(path), { force: true });
    },
  });

  return {
    folder,
    newKey: () => newId('key'),
    begin: ({ key, operation = 'create-transfer', ...draft }) => {
      const id = newId('key');
      // A key of the user's own may be any text; the file name says that it is not the key.
      const path = join(folder, key === undefined ? `${id}.json` : `own-${id}.json`);
      const intent: SavedIntent = {
        version: 1,
        key: key ?? id,
        operation,
        ...draft,
        madeAt: new Date(now()).toISOString(),
        process: process.pid,
      };
      let unlock: (() => void) | undefined;
      try {
        makeDurableFolder(folder);
        unlock = takeLock(lockOf(path));
        if (!unlock) throw new Error('it is locked');
        writeDurably(path, `${JSON.stringify(intent, undefined, 2)}\n`);
        return opened(path, intent, unlock);
      } catch (error) {
        unlock?.();
        const { code, message } = error as NodeJS.ErrnoException;
        const reason = code ?? message;
        for (const each of [draftOf(path), path, lockOf(path)]) removeIfPossible(each);
        throw new Refusal('journal_unwritable', { path: folder, reason });
      }
    },
    list: (place) => {
      const damaged: Refusal[] = [];
      const found = readFolder(folder, now()).flatMap((name) => {
        const path = join(folder, name);
        try {
          const intent = read(path);
          return intent && (place === undefined || intent.place === place) ? [{ path, intent }] : [];
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          damaged.push(error);
          return [];
        }
      });
      return { found: found.sort(byTime), damaged };
    },
    claim: ({ path }) => {
      const unlock = takeLock(lockOf(path));
      if (!unlock) return 'live';
      try {
        // The lock may be that of an intent that was closed since it was found.
        const intent = read(path);
        if (intent) return opened(path, intent, unlock);
      } catch (error) {
        unlock();
        throw error;
      }
      unlock();
      rmSync(lockOf(path), { force: true });
      return 'gone';
    },
  };
}

function lockOf(path: string): string {
  return path.replace(/\.json$/, '.lock');
}

function removeIfPossible(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // What stays is an intent that never left; settling it is safe.
  }
}

function draftOf(path: string): string {
  return path.replace(/\.json$/, '.draft');
}

function byTime(one: Found, other: Found): number {
  return one.intent.madeAt < other.intent.madeAt ? -1 : 1;
}

/** The names of the intents in a folder. What a process left that ended before its intent was there is swept. */
function readFolder(folder: string, nowMs: number): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw damaged(folder, `cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const intents = names.filter((name) => name.endsWith('.json'));
  for (const name of names) {
    if (/\.(draft|lock)$/.test(name) && !intents.includes(name.replace(/\.\w+$/, '.json'))) {
      const path = join(folder, name);
      const facts = statSync(path, { throwIfNoEntry: false });
      if (facts && nowMs - facts.mtimeMs > SWEEP_AFTER_MS) rmSync(path, { force: true });
    }
  }
  return intents;
}

/** What a file says; undefined when it has gone. Throws `journal_damaged`: a payment is never forgotten in silence. */
function read(path: string): SavedIntent | undefined {
  const text = readPlain(
    path,
    (why) => damaged(path, why),
    ({ size }) => {
      if (size > SIZE_LIMIT) throw damaged(path, 'is larger than any intent');
    },
  );
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw damaged(path, 'is not valid JSON');
  }
  const result = savedIntent().safeParse(value);
  if (result.success) return result.data;
  throw damaged(path, 'does not say what was to be sent');
}

function damaged(path: string, reason: string): Refusal {
  const key = /^(key_\w+)\.json$/.exec(basename(path))?.[1];
  return new Refusal('journal_damaged', {
    path,
    reason,
    ...(key === undefined ? {} : { next: `okpay why ${key}` }),
  });
}

function writeDurably(path: string, text: string): void {
  const draft = draftOf(path);
  writeFileSync(draft, text, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** Makes the folder, and those above it that are the journal's, so that they too survive a power cut. */
function makeDurableFolder(folder: string): void {
  if (statSync(folder, { throwIfNoEntry: false })) return chmodSync(folder, 0o700);
  makePrivateFolder(folder);
  for (const each of [dirname(folder), dirname(dirname(folder))]) syncFolder(each);
}
