import type { Reader, Writer } from './engine/engine.ts';

/** Something a member of staff asked for that another one decides. `input` and `result` are JSON: texts by name. */
export type ApprovalRow = {
  id: string;
  act: string;
  /** The holder it is about. */
  subject: string;
  input: string;
  reason: string;
  state: string;
  askedBy: string;
  askedAt: string;
  decidedBy: string | null;
  decidedAt: string | null;
  decisionReason: string | null;
  runsAt: string | null;
  endedAt: string | null;
  result: string | null;
  /** When a job has to look at it next; null for never. */
  dueAt: string | null;
};

const COLUMNS = `id, act, subject, input, reason, state, asked_by AS "askedBy", asked_at AS "askedAt",
  decided_by AS "decidedBy", decided_at AS "decidedAt", decision_reason AS "decisionReason", runs_at AS "runsAt",
  ended_at AS "endedAt", result, due_at AS "dueAt"`;

export async function insertApproval(tx: Writer, row: ApprovalRow): Promise<void> {
  await tx.run(
    `INSERT INTO approvals (id, act, subject, input, reason, state, asked_by, asked_at, due_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [row.id, row.act, row.subject, row.input, row.reason, row.state, row.askedBy, row.askedAt, row.dueAt],
  );
}

export function approvalById(db: Reader, id: string): Promise<ApprovalRow | undefined> {
  return db.one<ApprovalRow>(`SELECT ${COLUMNS} FROM approvals WHERE id = ?`, [id]);
}

/** Newest first, from before `before` on; only those in a state when it is given. */
export function approvals(
  db: Reader,
  page: {
    readonly state?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<ApprovalRow[]> {
  const { state, before = '~', limit } = page;
  return db.all<ApprovalRow>(
    `SELECT ${COLUMNS} FROM approvals WHERE id < ? ${state === undefined ? '' : 'AND state = ?'}
      ORDER BY id DESC LIMIT ?`,
    [before, ...(state === undefined ? [] : [state]), limit],
  );
}

/** What is asked about a holder and not begun yet. */
export function openApprovalsAbout(db: Reader, subject: string): Promise<ApprovalRow[]> {
  return db.all<ApprovalRow>(
    `SELECT ${COLUMNS} FROM approvals WHERE subject = ? AND state IN ('asked', 'approved') ORDER BY id`,
    [subject],
  );
}

/** Writes what has become of it; false when it is not in the state it was read in any more. */
export async function moveApproval(tx: Writer, row: ApprovalRow, from: string): Promise<boolean> {
  const moved = await tx.run(
    `UPDATE approvals SET state = ?, decided_by = ?, decided_at = ?, decision_reason = ?, runs_at = ?, ended_at = ?,
      result = ?, due_at = ? WHERE id = ? AND state = ?`,
    [
      row.state,
      row.decidedBy,
      row.decidedAt,
      row.decisionReason,
      row.runsAt,
      row.endedAt,
      row.result,
      row.dueAt,
      row.id,
      from,
    ],
  );
  return moved > 0;
}

/** What a job has to look at, the most urgent first, whether it is time already or not. */
export function approvalsToRun(db: Reader, limit: number): Promise<{ id: string; dueAt: string }[]> {
  return db.all(
    `SELECT id, due_at AS "dueAt" FROM approvals WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
    [limit],
  );
}

/** Puts off when a job looks at it. */
export async function putOffApproval(tx: Writer, id: string, dueAt: string): Promise<void> {
  await tx.run('UPDATE approvals SET due_at = ? WHERE id = ? AND due_at IS NOT NULL', [dueAt, id]);
}
