import { hash } from 'node:crypto';
import { Refusal } from '../../core/contract/refusals.ts';
import { placeOf, sourceOf } from '../audit-log/network-of.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { devicesOf } from '../store/devices.ts';
import type { Reader, Writer } from '../store/engine/engine.ts';
import {
  deleteOldThrottles,
  deleteThrottle,
  putThrottle,
  throttleOf,
  type ThrottleRow,
} from '../store/throttles.ts';
import { DOORS, type Door, type DoorName, type Pace } from './doors.ts';

/** Who tries. In-process there is no `address`. */
export type Visitor = {
  /**
   * Before a login the key of the e-mail address that is typed, whether it has an account or not (see email.ts); after
   * the password the id of the user, which outlasts a change of the address.
   */
  readonly account?: string | undefined;
  /** The client's network address. */
  readonly address?: string | undefined;
  /** The id of a device that the account knows. */
  readonly device?: string | undefined;
};

/** Who calls, as somebody who tries. All whose address is not known count as one. */
export function visitorOf(
  { console, address }: Pick<Actor, 'console' | 'address'>,
  who: Pick<Visitor, 'account' | 'device'> = {},
): Visitor {
  return { ...who, address: console ? undefined : (address ?? 'unknown') };
}

/** The same of somebody whose session or password says who they are. */
export function holderAtDoor(actor: Pick<Actor, 'console' | 'address' | 'deviceId'>, user: string): Visitor {
  return visitorOf(actor, { account: user, device: actor.deviceId });
}

/** Forgotten together with each try by somebody new, so that the table does not grow. */
const TIDIED_AT_ONCE = 20;
/** How long a door stays closed after the most tries in a row, and how far apart two of those may be. */
const CLOSED_MS = 30 * 24 * 3_600_000;

/**
 * Counts a try at a door before it is looked at, so that tries at the same time cannot share one count. Whoever turns
 * out to be right takes it back with `welcome`. Throws `too_many_attempts` with the seconds to wait; a try that is
 * turned away costs one read, and does not make the wait longer. It is the same whether or not there is such an account
 * (ASVS V6.3.8).
 */
export async function knock(deps: Deps, door: DoorName, visitor: Visitor): Promise<void> {
  const counters = countersOf(door, visitor);
  if (counters.length === 0) return;
  const now = deps.now();
  const closed =
    (await findClosed(deps.engine, counters, now)).closed ??
    (await deps.engine.transact(async (tx) => {
      const found = await findClosed(tx, counters, now);
      if (found.closed) return found.closed;
      for (const [at, counter] of counters.entries())
        await putThrottle(tx, oneMore(counter, found.rows[at], now));
      if (found.rows.includes(undefined)) await deleteOldThrottles(tx, timestamp(now), TIDIED_AT_ONCE);
      return undefined;
    }));
  if (!closed) return;
  const { address } = visitor;
  deps.log.info('throttled', { door, network: placeOf({ console: address === undefined, address }) });
  throw new Refusal('too_many_attempts', closed);
}

/**
 * The visitor was right: what was tried for the account, or on this device of its owner, is forgotten, and this try was
 * none from where it came.
 */
export async function welcome(tx: Writer, door: DoorName, visitor: Visitor): Promise<void> {
  for (const counter of countersOf(door, visitor)) {
    if (counter.isSource) await takeBack(tx, counter);
    else await deleteThrottle(tx, counter.name);
  }
}

/**
 * The visitor was wrong, and there is nothing to be recorded of it, as the account is none: a commit all the same, or
 * the time it takes would tell.
 */
export async function noteFailure(tx: Writer, door: DoorName, visitor: Visitor): Promise<void> {
  const [counter] = countersOf(door, visitor);
  const row = counter && (await throttleOf(tx, counter.name));
  // SQLite does not write what is the same as before.
  if (row) await putThrottle(tx, { ...row, forgetAt: timestamp(Date.parse(row.forgetAt) + 1) });
}

/**
 * Lets an account in at every door, whatever was tried before: by its address from outside, by its id in a session, and
 * on the devices it knows. Whoever has this done has shown who they are.
 */
export async function openDoors(
  tx: Writer,
  { user, emailKey }: { readonly user?: string; readonly emailKey: string },
): Promise<void> {
  const devices = user === undefined ? [] : await devicesOf(tx, user);
  for (const door of Object.keys(DOORS) as DoorName[]) {
    await deleteThrottle(tx, nameOf(door, 'account', emailKey));
    if (user !== undefined) await deleteThrottle(tx, nameOf(door, 'account', user));
    for (const { id } of devices) await deleteThrottle(tx, nameOf(door, 'device', id));
  }
}

type Counter = {
  readonly name: string;
  readonly pace: Pace;
  readonly isSource: boolean;
  readonly opener?: string;
};

function countersOf(door: DoorName, { account, address, device }: Visitor): Counter[] {
  const { account: forAccount, source, ...how }: Door = DOORS[door];
  if (forAccount && device !== undefined)
    return [{ name: nameOf(door, 'device', device), pace: forAccount, isSource: false, ...how }];
  const counters: Counter[] = [];
  if (forAccount && account !== undefined)
    counters.push({ name: nameOf(door, 'account', account), pace: forAccount, isSource: false, ...how });
  if (source && address !== undefined)
    counters.push({ name: nameOf(door, 'source', sourceOf(address)), pace: source, isSource: true });
  return counters;
}

/** Hashed: what strangers type is kept in no readable form. */
function nameOf(door: DoorName, kind: 'account' | 'device' | 'source', who: string): string {
  return hash('sha256', `${door} ${kind} ${who}`, 'base64url');
}

type Closed = { readonly retryAfter: string; readonly next?: string };

async function findClosed(
  db: Reader,
  counters: readonly Counter[],
  now: number,
): Promise<{ rows: (ThrottleRow | undefined)[]; closed: Closed | undefined }> {
  const rows: (ThrottleRow | undefined)[] = [];
  for (const { name } of counters) rows.push(await throttleOf(db, name));
  const waits = rows.map((row) => (row ? Date.parse(row.waitUntil) - now : 0));
  const longest = Math.max(...waits);
  if (longest <= 0) return { rows, closed: undefined };
  const counter = counters[waits.indexOf(longest)];
  const retryAfter = String(Math.ceil(longest / 1_000));
  return { rows, closed: { retryAfter, ...(counter?.opener === undefined ? {} : { next: counter.opener }) } };
}

function oneMore({ name, pace }: Counter, row: ThrottleRow | undefined, now: number): ThrottleRow {
  const { free, firstWaitMs, longestWaitMs, most = Infinity } = pace;
  const eachMs = pace.forgetMs / free;
  const waits = Math.ceil(Math.log2(longestWaitMs / firstWaitMs));
  const before = row ? Math.max(0, Date.parse(row.emptyAt) - now) : 0;
  // Not counted further than the waits grow, or a long attack would be remembered for as long.
  const emptyMs = Math.min(before + eachMs, (free + waits) * eachMs);
  const inARow = (row && row.forgetAt > timestamp(now) ? row.inARow : 0n) + 1n;
  const beyond = Math.ceil(emptyMs / eachMs) - free;
  const waitMs =
    inARow >= most ? CLOSED_MS : beyond < 0 ? 0 : Math.min(longestWaitMs, firstWaitMs * 2 ** beyond);
  return {
    name,
    inARow,
    emptyAt: timestamp(now + emptyMs),
    waitUntil: timestamp(now + waitMs),
    forgetAt: timestamp(now + Math.max(emptyMs, waitMs, pace.most === undefined ? 0 : CLOSED_MS)),
  };
}

/** One try less. If it made anybody wait, nobody else was let in since. */
async function takeBack(tx: Writer, { name, pace }: Counter): Promise<void> {
  const row = await throttleOf(tx, name);
  if (!row) return;
  const emptyAt = timestamp(Date.parse(row.emptyAt) - pace.forgetMs / pace.free);
  await putThrottle(tx, { ...row, inARow: row.inARow - 1n, emptyAt, waitUntil: timestamp(0) });
}
