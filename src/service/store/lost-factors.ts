import type { Reader, Writer } from './engine/engine.ts';

/** Whether a holder has a second factor that is on. */
export async function hasFactor(db: Reader, user: string): Promise<boolean> {
  const sql = 'SELECT user_id FROM second_factors WHERE user_id = ? AND enabled_at IS NOT NULL';
  return (await db.one(sql, [user])) !== undefined;
}

/** Forgets a holder's second factor and its recovery codes. */
export async function removeFactor(tx: Writer, user: string): Promise<void> {
  await tx.run('DELETE FROM recovery_codes WHERE user_id = ?', [user]);
  await tx.run('DELETE FROM second_factors WHERE user_id = ?', [user]);
}
