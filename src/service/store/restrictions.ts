import type { Reader, Writer } from './engine/engine.ts';

/** Something an account is kept from, or was until it was lifted: rows are never deleted. */
export type RestrictionRow = {
  id: string;
  userId: string;
  capability: string;
  reason: string;
  /** What becomes of what had begun before: `freeze`, `finish` or `cancel`. */
  inFlight: string;
  madeBy: string;
  madeAt: string;
  expiresAt: string | null;
  /** A user id, or `system:…` when its time was over. */
  liftedBy: string | null;
  liftedAt: string | null;
  liftReason: string | null;
  /** 1 while the guard on payments counts it. */
  guarded: bigint;
  /** When a job has to look at it next; null for never. */
  dueAt: string | null;
};

const COLUMNS = `id, user_id AS "userId", capability, reason, in_flight AS "inFlight", made_by AS "madeBy",
  made_at AS "madeAt", expires_at AS "expiresAt", lifted_by AS "liftedBy", lifted_at AS "liftedAt",
  lift_reason AS "liftReason", guarded, due_at AS "dueAt"`;

export async function insertRestriction(
  tx: Writer,
  row: Omit<RestrictionRow, 'liftedBy' | 'liftedAt' | 'liftReason' | 'guarded'>,
): Promise<void> {
  await tx.run(
    `INSERT INTO restrictions (id, user_id, capability, reason, in_flight, made_by, made_at, expires_at, due_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.id,
      row.userId,
      row.capability,
      row.reason,
      row.inFlight,
      row.madeBy,
      row.madeAt,
      row.expiresAt,
      row.dueAt,
    ],
  );
}

export function restrictionById(db: Reader, id: string): Promise<RestrictionRow | undefined> {
  return db.one<RestrictionRow>(`SELECT ${COLUMNS} FROM restrictions WHERE id = ?`, [id]);
}

/** The restrictions of one capability that hold. */
export function restrictionsThatHold(
  db: Reader,
  user: string,
  capability: string,
): Promise<RestrictionRow[]> {
  return db.all<RestrictionRow>(
    `SELECT ${COLUMNS} FROM restrictions WHERE user_id = ? AND capability = ? AND lifted_at IS NULL ORDER BY id`,
    [user, capability],
  );
}

/** How many restrictions of an account are looked at. */
const MOST_EVER = 200;

/** The restrictions an account was ever under, newest first. */
export function restrictionsEver(db: Reader, user: string): Promise<RestrictionRow[]> {
  return db.all<RestrictionRow>(
    `SELECT ${COLUMNS} FROM restrictions WHERE user_id = ? ORDER BY id DESC LIMIT ?`,
    [user, MOST_EVER],
  );
}

/** Lifts a restriction, which has to be looked at at once then; false when it was lifted before. */
export async function liftRestriction(
  tx: Writer,
  id: string,
  lift: { by: string; at: string; reason: string | null },
): Promise<boolean> {
  const lifted = await tx.run(
    `UPDATE restrictions SET lifted_by = ?, lifted_at = ?, lift_reason = ?, due_at = ?
      WHERE id = ? AND lifted_at IS NULL`,
    [lift.by, lift.at, lift.reason, lift.at, id],
  );
  return lifted > 0;
}

/** Restrictions that a job has to look at, the most urgent first, whether it is time already or not. */
export function restrictionsToSettle(db: Reader, limit: number): Promise<{ id: string; dueAt: string }[]> {
  return db.all(
    `SELECT id, due_at AS "dueAt" FROM restrictions WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
    [limit],
  );
}

/** Says that the guards are as this row, as it was read, says. What was lifted since is looked at again. */
export async function markSettled(
  tx: Writer,
  { id, liftedAt, expiresAt }: RestrictionRow,
  guarded: boolean,
): Promise<void> {
  await tx.run(
    `UPDATE restrictions SET guarded = ?, due_at = ? WHERE id = ? AND lifted_at IS ${liftedAt === null ? '' : 'NOT'} NULL`,
    [guarded ? 1n : 0n, liftedAt === null ? expiresAt : null, id],
  );
}

/** Puts off when a job looks at it. */
export async function putOffRestriction(tx: Writer, id: string, dueAt: string): Promise<void> {
  await tx.run('UPDATE restrictions SET due_at = ? WHERE id = ? AND due_at IS NOT NULL', [dueAt, id]);
}
