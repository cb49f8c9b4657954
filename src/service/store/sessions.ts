import type { Question, Reader, Writer } from './engine/engine.ts';
import { rowsOf } from './lists.ts';

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
  /** When its owner last proved who they are; empty for never. */
  provedAt: string;
  /** 1 when it began with a second factor. */
  withFactor: bigint;
  /** From where it began. */
  network: string;
  deviceId: string | null;
  /** JSON: the limits of its owner's level, when any are set; see limits/limit.ts. */
  limits: string | null;
};

const COLUMNS = `s.id, s.user_id AS "userId", u.email, u.display_name AS "displayName", u.role, s.device, s.created_at AS "createdAt",
  s.last_used_at AS "lastUsedAt", s.expires_at AS "expiresAt", s.proved_at AS "provedAt",
  s.with_factor AS "withFactor", s.network, s.device_id AS "deviceId", l.limits`;

const FROM = 'FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN levels l ON l.name = u.level';

const BY_TOKEN: Question = {
  sql: (are) => `SELECT ${COLUMNS}, s.token_hash AS "tokenHash" ${FROM} WHERE ${are('s.token_hash')}`,
  key: 'tokenHash',
};

/** The session whose token has this SHA-256 hash. */
export async function sessionByToken(db: Reader, tokenHash: string): Promise<SessionRow | undefined> {
  return (await rowsOf<SessionRow>(db, BY_TOKEN, [tokenHash]))[0];
}

/** A user's sessions, oldest first. */
export function sessionsOf(db: Reader, user: string): Promise<SessionRow[]> {
  return db.all<SessionRow>(`SELECT ${COLUMNS} ${FROM} WHERE s.user_id = ? ORDER BY s.id`, [user]);
}

/** A session that begins: its owner has just proved who they are. */
export type SessionDraft = Pick<SessionRow, 'id' | 'userId' | 'device' | 'createdAt' | 'expiresAt'> & {
  readonly tokenHash: string;
  readonly network?: string;
  readonly withFactor?: boolean;
  readonly deviceId?: string | undefined;
};

export async function insertSession(tx: Writer, session: SessionDraft): Promise<void> {
  const { id, userId, tokenHash, device, createdAt, expiresAt } = session;
  const { network = 'unknown', withFactor = false, deviceId = null } = session;
  await tx.run(
    `INSERT INTO sessions (id, user_id, token_hash, device, created_at, last_used_at, expires_at, proved_at,
      with_factor, network, device_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      id,
      userId,
      tokenHash,
      device,
      createdAt,
      createdAt,
      expiresAt,
      createdAt,
      withFactor ? 1n : 0n,
      network,
      deviceId,
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

/** Ends the sessions of a user, all but the one to keep; gives those that ended, oldest first. */
export async function deleteSessionsOf(
  tx: Writer,
  user: string,
  kept = '',
): Promise<Pick<SessionRow, 'id' | 'device'>[]> {
  const ended = await tx.all<Pick<SessionRow, 'id' | 'device'>>(
    'SELECT id, device FROM sessions WHERE user_id = ? AND id <> ? ORDER BY id',
    [user, kept],
  );
  await tx.run('DELETE FROM sessions WHERE user_id = ? AND id <> ?', [user, kept]);
  return ended;
}

/** The owner proved who they are: from now on a new token opens the session. False when it has ended. */
export async function renewSession(
  tx: Writer,
  { id, tokenHash, provedAt }: { id: string; tokenHash: string; provedAt: string },
): Promise<boolean> {
  const sql = 'UPDATE sessions SET token_hash = ?, proved_at = ?, last_used_at = ? WHERE id = ?';
  return (await tx.run(sql, [tokenHash, provedAt, provedAt, id])) > 0;
}
