import type { Reader } from './engine/engine.ts';

/** The newest machine a holder has logged in from that was new after an instant. */
export function newDeviceSince(
  db: Reader,
  user: string,
  since: string,
): Promise<{ name: string; createdAt: string } | undefined> {
  return db.one(
    `SELECT name, created_at AS "createdAt" FROM devices WHERE user_id = ? AND created_at > ?
      ORDER BY created_at DESC LIMIT 1`,
    [user, since],
  );
}
