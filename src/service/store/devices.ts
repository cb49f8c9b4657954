import type { Reader, Writer } from './engine/engine.ts';

/** A machine that an account knows: somebody logged in from it with the right password. */
export type DeviceRow = {
  id: string;
  userId: string;
  name: string;
  /** From where it was last used. */
  network: string;
  createdAt: string;
  lastUsedAt: string;
};

const COLUMNS = `d.id, d.user_id AS "userId", d.name, d.network, d.created_at AS "createdAt",
  d.last_used_at AS "lastUsedAt"`;

/** The device whose token has this SHA-256 hash, if it is one of the account with this e-mail address. */
export function deviceByToken(
  db: Reader,
  tokenHash: string,
  emailKey: string,
): Promise<DeviceRow | undefined> {
  return db.one<DeviceRow>(
    `SELECT ${COLUMNS} FROM devices d JOIN users u ON u.id = d.user_id WHERE d.token_hash = ? AND u.email_key = ?`,
    [tokenHash, emailKey],
  );
}

/** A user's devices, oldest first. */
export function devicesOf(db: Reader, user: string): Promise<DeviceRow[]> {
  return db.all<DeviceRow>(`SELECT ${COLUMNS} FROM devices d WHERE d.user_id = ? ORDER BY d.id`, [user]);
}

export async function insertDevice(
  tx: Writer,
  device: Omit<DeviceRow, 'lastUsedAt'> & { readonly tokenHash: string },
): Promise<void> {
  const { id, userId, tokenHash, name, network, createdAt } = device;
  await tx.run(
    `INSERT INTO devices (id, user_id, token_hash, name, network, created_at, last_used_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [id, userId, tokenHash, name, network, createdAt, createdAt],
  );
}

/** Says that a device was used; false when it is known no more. */
export async function touchDevice(tx: Writer, id: string, at: string, network: string): Promise<boolean> {
  const sql = 'UPDATE devices SET last_used_at = ?, network = ? WHERE id = ?';
  return (await tx.run(sql, [at, network, id])) > 0;
}

/** Forgets a device of this user; false when there is none. */
export async function deleteDevice(tx: Writer, user: string, id: string): Promise<boolean> {
  return (await tx.run('DELETE FROM devices WHERE id = ? AND user_id = ?', [id, user])) > 0;
}

export async function deleteDevicesOf(tx: Writer, user: string): Promise<void> {
  await tx.run('DELETE FROM devices WHERE user_id = ?', [user]);
}
