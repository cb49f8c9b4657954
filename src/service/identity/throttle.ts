import { Refusal } from '../../core/contract/refusals.ts';
import { networkOf } from '../audit-log/network-of.ts';
import { timestamp, type Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import {
  deleteOldThrottles,
  deleteThrottle,
  putThrottle,
  throttleOf,
  type ThrottleRow,
} from '../store/throttles.ts';
import { DOORS, type Door, type DoorName, type Pace } from './doors.ts';

/**
 * Who tries: for which `account` (what is typed counts, whether there is one or not), from which network `address`, and
 * on which `device` that the account knows.
 */
export type Visitor = {
  readonly account?: string | undefined;
  readonly address?: string | undefined;
  readonly device?: string | undefined;
};

/** Forgotten together with each try, so that the table does not grow. */
const TIDIED_AT_ONCE = 10;

/**
 * Counts a try at a door before it is looked at, so that tries at the same time cannot share one count. Whoever turns
 * out to be right takes it back with `welcome`. Throws `too_many_attempts` with the seconds to wait; a try that is
 * turned away does not make the wait longer.
 */
export async function knock(deps: Deps, door: DoorName, visitor: Visitor): Promise<void> {
  const counters = countersOf(door, visitor);
  if (counters.length === 0) return;
  const now = deps.now();
  const waitMs = await deps.engine.transact(async (tx) => {
    const rows = await Promise.all(counters.map(async ({ name }) => throttleOf(tx, name)));
    const longest = Math.max(...rows.map((row) => (row ? Date.parse(row.waitUntil) - now : 0)));
    if (longest > 0) return longest;
    for (const [at, counter] of counters.entries()) await putThrottle(tx, oneMore(counter, rows[at], now));
    await deleteOldThrottles(tx, timestamp(now - LONGEST_MEMORY_MS), TIDIED_AT_ONCE);
    return 0;
  });
  if (waitMs === 0) return;
  deps.log.info('throttled', { door });
  throw new Refusal('too_many_attempts', { retryAfter: String(Math.ceil(waitMs / 1_000)) });
}

/** The visitor was right: what was tried for the account, or on this device of its owner, is forgotten. */
export async function welcome(tx: Writer, door: DoorName, visitor: Visitor): Promise<void> {
  for (const { name, isSource } of countersOf(door, visitor)) if (!isSource) await deleteThrottle(tx, name);
}

/** Lets an account in at once at every door, whatever was tried before: its owner has shown who they are. */
export async function openDoors(tx: Writer, account: string): Promise<void> {
  for (const door of Object.keys(DOORS) as DoorName[]) await deleteThrottle(tx, `${door}:account:${account}`);
}

type Counter = { readonly name: string; readonly pace: Pace; readonly isSource: boolean };

function countersOf(door: DoorName, { account, address, device }: Visitor): Counter[] {
  const { account: forAccount, source }: Door = DOORS[door];
  const counters: Counter[] = [];
  if (forAccount && device !== undefined)
    counters.push({ name: `${door}:device:${device}`, pace: forAccount, isSource: false });
  else if (forAccount && account !== undefined)
    counters.push({ name: `${door}:account:${account}`, pace: forAccount, isSource: false });
  if (source && address !== undefined)
    counters.push({ name: `${door}:source:${networkOf(address)}`, pace: source, isSource: true });
  return counters;
}

function oneMore({ name, pace }: Counter, row: ThrottleRow | undefined, now: number): ThrottleRow {
  const isRemembered = row && now - Date.parse(row.lastAt) <= pace.forgetMs;
  const failures = (isRemembered ? Number(row.failures) : 0) + 1;
  const beyond = failures - pace.free;
  const waitMs = beyond < 0 ? 0 : Math.min(pace.longestWaitMs, pace.firstWaitMs * 2 ** Math.min(beyond, 40));
  return { name, failures: BigInt(failures), lastAt: timestamp(now), waitUntil: timestamp(now + waitMs) };
}

const LONGEST_MEMORY_MS = Math.max(
  ...Object.values<Door>(DOORS).flatMap(({ account, source }) => [
    account?.forgetMs ?? 0,
    source?.forgetMs ?? 0,
  ]),
);
