import type { Reader, Writer } from './engine/engine.ts';

/** Tries at one door, by one name. */
export type ThrottleRow = {
  name: string;
  /** Since the last one that was right. */
  inARow: bigint;
  /** When the last of the tries that still count ceases to; they do so one after the other, evenly. */
  emptyAt: string;
  /** Nothing is looked at before this instant. */
  waitUntil: string;
  /** From when on the row says nothing any more. */
  forgetAt: string;
};

export function throttleOf(db: Reader, name: string): Promise<ThrottleRow | undefined> {
  return db.one<ThrottleRow>(
    `SELECT name, in_a_row AS "inARow", empty_at AS "emptyAt", wait_until AS "waitUntil", forget_at AS "forgetAt"
      FROM throttles WHERE name = ?`,
    [name],
  );
}

export async function putThrottle(tx: Writer, throttle: ThrottleRow): Promise<void> {
  const { name, inARow, emptyAt, waitUntil, forgetAt } = throttle;
  await tx.run(
    `INSERT INTO throttles (name, in_a_row, empty_at, wait_until, forget_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET in_a_row = excluded.in_a_row, empty_at = excluded.empty_at,
      wait_until = excluded.wait_until, forget_at = excluded.forget_at`,
    [name, inARow, emptyAt, waitUntil, forgetAt],
  );
}

export async function deleteThrottle(tx: Writer, name: string): Promise<void> {
  await tx.run('DELETE FROM throttles WHERE name = ?', [name]);
}

/** Forgets what says nothing any more, at most so many at once. */
export async function deleteOldThrottles(tx: Writer, now: string, most: number): Promise<void> {
  await tx.run(
    'DELETE FROM throttles WHERE name IN (SELECT name FROM throttles WHERE forget_at < ? ORDER BY forget_at LIMIT ?)',
    [now, most],
  );
}
