import type { Reader, Writer } from './engine/engine.ts';

/** A holder's second factor: time-based codes from a secret. */
export type SecondFactorRow = {
  userId: string;
  /** Sealed; see identity/keyring.ts. */
  secret: string;
  /** The last time step a code was accepted for. */
  lastStep: bigint;
  /** Null until the first right code. */
  enabledAt: string | null;
};

/** A holder's factor, on or about to be. */
export function secondFactorOf(db: Reader, user: string): Promise<SecondFactorRow | undefined> {
  return db.one<SecondFactorRow>(
    `SELECT user_id AS "userId", secret, last_step AS "lastStep", enabled_at AS "enabledAt"
      FROM second_factors WHERE user_id = ?`,
    [user],
  );
}

/** Whether a second factor is on beside the password of a holder. */
export async function hasSecondFactor(db: Reader, user: string): Promise<boolean> {
  const sql = 'SELECT user_id FROM second_factors WHERE user_id = ? AND enabled_at IS NOT NULL';
  return (await db.one(sql, [user])) !== undefined;
}

/** Begins a factor, in the place of one that was begun and is not on; false when one is on. */
export async function beginSecondFactor(
  tx: Writer,
  factor: { userId: string; secret: string; createdAt: string },
): Promise<boolean> {
  const begun = await tx.run(
    `INSERT INTO second_factors (user_id, secret, created_at) VALUES (?, ?, ?)
      ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, created_at = excluded.created_at, last_step = 0
      WHERE second_factors.enabled_at IS NULL`,
    [factor.userId, factor.secret, factor.createdAt],
  );
  return begun > 0;
}

export async function turnSecondFactorOn(tx: Writer, user: string, at: string): Promise<void> {
  await tx.run('UPDATE second_factors SET enabled_at = ? WHERE user_id = ?', [at, user]);
}

/** Takes a time step: none up to it is taken again. False when this one or a later one was taken before. */
export async function takeTotpStep(tx: Writer, user: string, step: number): Promise<boolean> {
  const sql = 'UPDATE second_factors SET last_step = ? WHERE user_id = ? AND last_step < ?';
  return (await tx.run(sql, [BigInt(step), user, BigInt(step)])) > 0;
}

/** Notes that the holder is told now of a right password with a wrong code; false when told after `since`. */
export async function tellOfHalfLogin(tx: Writer, user: string, at: string, since: string): Promise<boolean> {
  const sql = 'UPDATE second_factors SET told_at = ? WHERE user_id = ? AND told_at <= ?';
  return (await tx.run(sql, [at, user, since])) > 0;
}

/** Forgets the factor and its recovery codes. */
export async function deleteSecondFactor(tx: Writer, user: string): Promise<void> {
  await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [user]);
  await tx.run('DELETE FROM second_factors WHERE user_id = ?', [user]);
}

/** Puts new recovery codes in the place of all earlier ones. */
export async function replaceRecoveryCodes(
  tx: Writer,
  user: string,
  codeHashes: readonly string[],
  at: string,
): Promise<void> {
  await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [user]);
  for (const hash of codeHashes)
    await tx.run('INSERT INTO recovery_codes (code_hash, user_id, created_at) VALUES (?, ?, ?)', [
      hash,
      user,
      at,
    ]);
}

/** Uses a recovery code up; false when there is none, or it was used. */
export async function burnRecoveryCode(
  tx: Writer,
  user: string,
  codeHash: string,
  at: string,
): Promise<boolean> {
  const sql = 'UPDATE recovery_codes SET used_at = ? WHERE code_hash = ? AND user_id = ? AND used_at IS NULL';
  return (await tx.run(sql, [at, codeHash, user])) > 0;
}

/** How many recovery codes are left. */
export async function countRecoveryCodes(db: Reader, user: string): Promise<number> {
  const row = await db.one<{ left: bigint }>(
    'SELECT COUNT(*) AS "left" FROM recovery_codes WHERE user_id = ? AND used_at IS NULL',
    [user],
  );
  return Number(row?.left ?? 0n);
}
