import type { Reader, Writer } from './engine/engine.ts';

/** Tries in a row at one door, by one name. */
export type ThrottleRow = {
  name: string;
  failures: bigint;
  lastAt: string;
  /** Nothing is looked at before this instant. */
  waitUntil: string;
};

export function throttleOf(db: Reader, name: string): Promise<ThrottleRow | undefined> {
  return db.one<ThrottleRow>(
    'SELECT name, failures, last_at AS "lastAt", wait_until AS "waitUntil" FROM throttles WHERE name = ?',
    [name],
  );
}

export async function putThrottle(
  tx: Writer,
  { name, failures, lastAt, waitUntil }: ThrottleRow,
): Promise<void> {
  await tx.run(
    `INSERT INTO throttles (name, failures, last_at, wait_until) VALUES (?, ?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET failures = excluded.failures, last_at = excluded.last_at,
      wait_until = excluded.wait_until`,
    [name, failures, lastAt, waitUntil],
  );
}

export async function deleteThrottle(tx: Writer, name: string): Promise<void> {
  await tx.run('DELETE FROM throttles WHERE name = ?', [name]);
}

/** Forgets what was last tried before an instant, at most so many at once. */
export async function deleteOldThrottles(tx: Writer, before: string, most: number): Promise<void> {
  await tx.run(
    'DELETE FROM throttles WHERE name IN (SELECT name FROM throttles WHERE last_at < ? ORDER BY last_at LIMIT ?)',
    [before, most],
  );
}
