import type { Reader, Writer } from './engine/engine.ts';

export async function setPasswordHash(tx: Writer, user: string, hash: string): Promise<void> {
  await tx.run('UPDATE users SET password_hash = ? WHERE id = ?', [hash, user]);
}

/** Moves an account to another address; false when that has an account. */
export async function setEmail(
  tx: Writer,
  user: string,
  { email, emailKey }: { email: string; emailKey: string },
): Promise<boolean> {
  const sql = `UPDATE users SET email = ?, email_key = ? WHERE id = ?
    AND NOT EXISTS (SELECT 1 FROM users other WHERE other.email_key = ?)`;
  return (await tx.run(sql, [email, emailKey, user, emailKey])) > 0;
}

/** Keeps an address that an account has left, and forgets those it left before an instant. */
export async function keepFormerAddress(
  tx: Writer,
  former: { user: string; email: string; leftAt: string },
  forgetBefore: string,
): Promise<void> {
  await tx.run('DELETE FROM former_addresses WHERE user_id = ? AND left_at < ?', [former.user, forgetBefore]);
  await tx.run(
    `INSERT INTO former_addresses (user_id, email, left_at) VALUES (?, ?, ?)
      ON CONFLICT (user_id, email) DO UPDATE SET left_at = excluded.left_at`,
    [former.user, former.email, former.leftAt],
  );
}

/** The addresses an account has left since an instant, the last one first. */
export async function formerAddresses(db: Reader, user: string, since: string): Promise<string[]> {
  const rows = await db.all<{ email: string }>(
    'SELECT email FROM former_addresses WHERE user_id = ? AND left_at >= ? ORDER BY left_at DESC, email',
    [user, since],
  );
  return rows.map(({ email }) => email);
}
