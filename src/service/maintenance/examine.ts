import { existsSync } from 'node:fs';
import { attempt, ok, problem, warning, type Finding } from '../../core/checks/attempt.ts';
import type { Check } from '../../core/maintenance.ts';
import { timestamp } from '../deps.ts';
import { openKeyring } from '../identity/keyring.ts';
import { openPostOffice, type PostSettings } from '../jobs/post-office.ts';
import { lastTransfer, readBacklog } from '../store/contents.ts';
import type { Caretaker } from '../store/engine/caretaker.ts';
import { onSnapshot } from './on-snapshot.ts';
import { stateOf } from './status.ts';

export type ExamineSettings = PostSettings & {
  /** Where the keys are; undefined when nobody said so for a database that nodes share. */
  readonly keys: string | undefined;
  readonly publicUrl: string;
  readonly now: () => number;
};

/** How far two clocks may be apart, in milliseconds, and from when on it is no longer a trifle. */
const APART_MS = 2_000;
const FAR_APART_MS = 60_000;
/** How long the clock is watched, in milliseconds. */
const WATCH_MS = 60;
/** When mail that waits has waited too long, in milliseconds. */
const LATE_MS = 10 * 60_000;

/** What the doctor asks of the service's side, without a service: database, clock, mail. */
export async function examine(
  openCaretaker: () => Promise<Caretaker>,
  settings: ExamineSettings,
): Promise<Check[]> {
  const opened = await openCaretaker().then(
    (caretaker) => ({ caretaker, checks: [] }),
    async (error: Error) => ({
      caretaker: undefined,
      checks: await attempt('database', () => Promise.reject(error)),
    }),
  );
  const { caretaker } = opened;
  const checks = [
    ...(caretaker
      ? [
          attempt('database', async () => [await checkDatabase(caretaker), ...(await caretaker.examine())]),
          attempt('clock', () => checkClock(caretaker, settings.now)),
        ]
      : []),
    attempt('keys', () => checkKeys(settings.keys)),
    attempt('mail', async () => [
      await checkWayOut(settings),
      ...(caretaker ? await checkBacklog(caretaker, settings.now()) : []),
    ]),
  ];
  return [...opened.checks, ...(await Promise.all(checks)).flat()];
}

async function checkDatabase(caretaker: Caretaker): Promise<Finding> {
  const { version, product, heldBy } = await caretaker.look();
  const { place, known } = caretaker;
  const state = stateOf(version, known);
  const where = `${product} at ${place}`;
  if (state === 'absent') return ok(`${where}: nothing there yet; the first command makes it.`);
  if (state === 'newer')
    return problem(
      `${where} was written by a newer okpay (schema ${version}, this one knows ${known}).`,
      'npm install -g okpay@latest',
    );
  if (state === 'older')
    return warning(
      `${where} has an older schema (${version} of ${known}).`,
      'okpay db backup FILE, then okpay db migrate',
    );
  return ok(`${where}, schema ${version}${heldBy === undefined ? '' : `; in use by ${heldBy}`}.`);
}

/** Against itself, against the database's, and against the newest transfer, which must not be in the future. */
async function checkClock(caretaker: Caretaker, now: () => number): Promise<Finding> {
  const apart = await watchClock(now);
  if (apart > APART_MS)
    return problem(
      `The clock jumped ${Math.round(apart)} ms while it was watched.`,
      'Let it follow a time server (NTP) that slews.',
    );
  if (caretaker.clock) {
    const theirs = await caretaker.clock();
    const distance = Math.abs(theirs - now());
    const says = `The database's clock and this one are ${(distance / 1_000).toFixed(1)} seconds apart.`;
    if (distance > FAR_APART_MS) return problem(says, 'Let both follow a time server (NTP).');
    if (distance > APART_MS) return warning(says, 'Let both follow a time server (NTP).');
  }
  const { version } = await caretaker.look();
  if (version !== caretaker.known) return ok(`It is ${timestamp(now())}.`);
  const lastTransferAt = (await onSnapshot(caretaker, lastTransfer))?.at;
  const ahead = lastTransferAt === undefined ? 0 : Date.parse(lastTransferAt) - now();
  if (ahead > APART_MS)
    return problem(
      `The newest transfer was made at ${lastTransferAt}, and here it is only ${timestamp(now())}: the clock went back.`,
      'Set the clock; until then quotes and sessions expire late.',
    );
  return ok(
    `It is ${timestamp(now())}${lastTransferAt === undefined ? '' : `, after the newest transfer (${lastTransferAt})`}.`,
  );
}

/** Whether what must not be read in the database can be sealed. The doctor makes no file of keys. */
function checkKeys(place: string | undefined): Finding {
  if (place !== undefined && !existsSync(place)) return ok(`${place}: made when it is first needed.`);
  if (place === undefined)
    return problem(
      'OKPAY_KEYS is not set: nobody can register, reset a password or turn a second factor on.',
      'Set OKPAY_KEYS to one file on every node; the first that needs it makes it.',
    );
  openKeyring(place).seal('doctor', new Uint8Array());
  return ok(`${place} can be used.`);
}

/** How far the clock of the day strays from one that only counts, in milliseconds. */
async function watchClock(now: () => number): Promise<number> {
  const [day, count] = [now(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, WATCH_MS));
  return Math.abs(now() - day - (performance.now() - count));
}

/** Talks to the mail server up to the point where a mail would follow. */
async function checkWayOut(settings: ExamineSettings): Promise<Finding> {
  const office = openPostOffice(settings, settings.publicUrl);
  try {
    return await office.check();
  } finally {
    office.close();
  }
}

async function checkBacklog(caretaker: Caretaker, nowMs: number): Promise<Finding[]> {
  const { version } = await caretaker.look();
  if (version !== caretaker.known) return [];
  const { waiting, oldestMs } = await onSnapshot(caretaker, (db) => readBacklog(db, timestamp(nowMs)));
  if (oldestMs === undefined || nowMs - oldestMs < LATE_MS) return [];
  return [
    warning(
      `${waiting} mails and notices wait, the oldest since ${timestamp(oldestMs)}.`,
      'They go out while okpay serve runs; its log says mail_failed and why.',
    ),
  ];
}
