import type { Question, Reader, Writer } from './engine/engine.ts';
import { rowsOf } from './lists.ts';

/** Above this amount, in minor units, a payment in this currency takes a code. */
export type ConfirmationLimitRow = { currency: string; above: bigint };

const BY_USER: Question = {
  sql: (are) =>
    `SELECT user_id AS "user", currency, above FROM confirmation_limits WHERE ${are('user_id')}
      ORDER BY currency`,
  key: 'user',
};

/** A holder's limits, by currency. */
export function confirmationLimitsOf(db: Reader, user: string): Promise<ConfirmationLimitRow[]> {
  return rowsOf<ConfirmationLimitRow>(db, BY_USER, [user]);
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
