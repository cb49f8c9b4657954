import type { Reader, Writer } from './engine/engine.ts';

/** Above this amount, in minor units, a payment in this currency takes a code. */
export type ConfirmationLimitRow = { currency: string; above: bigint };

export function confirmationLimitsOf(db: Reader, user: string): Promise<ConfirmationLimitRow[]> {
  return db.all<ConfirmationLimitRow>(
    'SELECT currency, above FROM confirmation_limits WHERE user_id = ? ORDER BY currency',
    [user],
  );
}

export async function putConfirmationLimit(
  tx: Writer,
  user: string,
  { currency, above }: ConfirmationLimitRow,
): Promise<void> {
  await tx.run(
    `INSERT INTO confirmation_limits (user_id, currency, above) VALUES (?, ?, ?)
      ON CONFLICT (user_id, currency) DO UPDATE SET above = excluded.above`,
    [user, currency, above],
  );
}

export async function deleteConfirmationLimit(tx: Writer, user: string, currency: string): Promise<void> {
  await tx.run('DELETE FROM confirmation_limits WHERE user_id = ? AND currency = ?', [user, currency]);
}

export async function deleteConfirmationLimitsOf(tx: Writer, user: string): Promise<void> {
  await tx.run('DELETE FROM confirmation_limits WHERE user_id = ?', [user]);
}
