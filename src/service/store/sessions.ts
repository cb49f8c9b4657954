import type { Reader, Writer } from './engine/engine.ts';

/** A session, with the user it belongs to. */
export type SessionRow = {
  id: string;
  userId: string;
  email: string;
  displayName: string;
  role: string | null;
  device: string;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
};

const COLUMNS = `s.id, s.user_id AS "userId", u.email, u.display_name AS "displayName", u.role, s.device, s.created_at AS "createdAt",
  s.last_used_at AS "lastUsedAt", s.expires_at AS "expiresAt"`;

/** The session whose token has this SHA-256 hash. */
export function sessionByToken(db: Reader, tokenHash: string): Promise<SessionRow | undefined> {
  return db.one<SessionRow>(
    `SELECT ${COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?`,
    [tokenHash],
  );
}

/** A user's sessions, oldest first. */
export function sessionsOf(db: Reader, user: string): Promise<SessionRow[]> {
  return db.all<SessionRow>(
    `SELECT ${COLUMNS} FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.user_id = ? ORDER BY s.id`,
    [user],
  );
}

export async function insertSession(
  tx: Writer,
  session: Omit<SessionRow, 'email' | 'displayName' | 'role'> & { tokenHash: string },
): Promise<void> {
  await tx.run(
    `INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_used_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      session.id,
      session.userId,
      session.tokenHash,
      session.device,
      session.createdAt,
      session.lastUsedAt,
      session.expiresAt,
    ],
  );
}

export async function touchSession(tx: Writer, id: string, at: string): Promise<void> {
  await tx.run('UPDATE sessions SET last_used_at = ? WHERE id = ?', [at, id]);
}

/** Ends a session of this user; false when there is none. */
export async function deleteSession(tx: Writer, user: string, id: string): Promise<boolean> {
  return (await tx.run('DELETE FROM sessions WHERE id = ? AND user_id = ?', [id, user])) > 0;
}

/** Ends every session of a user. */
export async function deleteSessionsOf(tx: Writer, user: string): Promise<void> {
  await tx.run('DELETE FROM sessions WHERE user_id = ?', [user]);
}
