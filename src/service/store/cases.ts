import type { Reader, Value, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** What a holder and staff talk about, until it is closed. */
export type CaseRow = {
  id: string;
  userId: string;
  title: string;
  state: 'open' | 'closed';
  assignedTo: string | null;
  /** A user id: of the holder, or of the member of staff who opened it. */
  openedBy: string;
  openedAt: string;
  closedAt: string | null;
  closeReason: string | null;
};

/** One message of a case. `proofHash` is of the code that shows one from staff to be ours. */
export type CaseMessageRow = {
  id: string;
  caseId: string;
  author: string;
  fromStaff: bigint;
  text: string;
  proofHash: string | null;
  createdAt: string;
};

const CASE = `id, user_id AS "userId", title, state, assigned_to AS "assignedTo", opened_by AS "openedBy",
  opened_at AS "openedAt", closed_at AS "closedAt", close_reason AS "closeReason"`;
const MESSAGE = `id, case_id AS "caseId", author, from_staff AS "fromStaff", text, proof_hash AS "proofHash",
  created_at AS "createdAt"`;

export function caseById(db: Reader, id: string): Promise<CaseRow | undefined> {
  return db.one<CaseRow>(`SELECT ${CASE} FROM cases WHERE id = ?`, [id]);
}

export async function insertCase(
  tx: Writer,
  opened: Pick<CaseRow, 'id' | 'userId' | 'title' | 'assignedTo' | 'openedBy' | 'openedAt'>,
): Promise<void> {
  await tx.run(
    `INSERT INTO cases (id, user_id, title, state, assigned_to, opened_by, opened_at)
      VALUES (?, ?, ?, 'open', ?, ?, ?)`,
    [opened.id, opened.userId, opened.title, opened.assignedTo, opened.openedBy, opened.openedAt],
  );
}

/** How many cases of a holder are open. */
export async function countOpenCases(db: Reader, user: string): Promise<bigint> {
  const sql = "SELECT COUNT(*) AS count FROM cases WHERE user_id = ? AND state = 'open'";
  return (await db.one<{ count: bigint }>(sql, [user]))?.count ?? 0n;
}

export async function assignCase(tx: Writer, id: string, to: string): Promise<void> {
  await tx.run('UPDATE cases SET assigned_to = ? WHERE id = ?', [to, id]);
}

/** Takes the open cases of somebody who is not of the staff any more away from them. */
export async function unassignCasesOf(tx: Writer, staff: string): Promise<void> {
  await tx.run("UPDATE cases SET assigned_to = NULL WHERE assigned_to = ? AND state = 'open'", [staff]);
}

/** Closes an open case; false when it is closed already. */
export async function closeCase(tx: Writer, id: string, at: string, reason: string): Promise<boolean> {
  const sql = `UPDATE cases SET state = 'closed', closed_at = ?, close_reason = ? WHERE id = ? AND state = 'open'`;
  return (await tx.run(sql, [at, reason, id])) > 0;
}

/** Opens a closed case again; false when it is open. */
export async function reopenCase(tx: Writer, id: string): Promise<boolean> {
  const sql = `UPDATE cases SET state = 'open', closed_at = NULL, close_reason = NULL WHERE id = ? AND state = 'closed'`;
  return (await tx.run(sql, [id])) > 0;
}

export type CasePage = {
  readonly user?: string | undefined;
  readonly assignee?: string | undefined;
  readonly state?: 'open' | 'closed' | undefined;
  readonly before?: string | undefined;
  readonly limit: number;
};

/** Cases, newest first: of a holder, of a member of staff, or all. */
export function casesOf(
  db: Reader,
  { user, assignee, state, before = '~', limit }: CasePage,
): Promise<CaseRow[]> {
  const narrowed: [string, Value][] = [];
  if (user !== undefined) narrowed.push(['user_id = ?', user]);
  if (assignee !== undefined) narrowed.push(['assigned_to = ?', assignee]);
  if (state !== undefined) narrowed.push(['state = ?', state]);
  const where = [...narrowed.map(([condition]) => condition), 'id < ?'].join(' AND ');
  return db.all<CaseRow>(`SELECT ${CASE} FROM cases WHERE ${where} ORDER BY id DESC LIMIT ?`, [
    ...narrowed.map(([, value]) => value),
    before,
    limit,
  ]);
}

export async function insertCaseMessage(tx: Writer, message: CaseMessageRow): Promise<void> {
  await tx.run(
    `INSERT INTO case_messages (id, case_id, author, from_staff, text, proof_hash, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
    [
      message.id,
      message.caseId,
      message.author,
      message.fromStaff,
      message.text,
      message.proofHash,
      message.createdAt,
    ],
  );
}

/** The messages of a case, oldest first. */
export function messagesOf(db: Reader, caseId: string): Promise<CaseMessageRow[]> {
  return db.all<CaseMessageRow>(`SELECT ${MESSAGE} FROM case_messages WHERE case_id = ? ORDER BY id`, [
    caseId,
  ]);
}

export async function countMessages(db: Reader, caseId: string): Promise<bigint> {
  const sql = 'SELECT COUNT(*) AS count FROM case_messages WHERE case_id = ?';
  return (await db.one<{ count: bigint }>(sql, [caseId]))?.count ?? 0n;
}

/** The messages with these ids, in no order. */
export function messagesByIds(db: Reader, ids: readonly string[]): Promise<CaseMessageRow[]> {
  return allOf(db, ids, (places) => `SELECT ${MESSAGE} FROM case_messages WHERE id IN (${places})`);
}

/** A message from staff by its proof, with the holder it was written to. */
export function messageByProof(
  db: Reader,
  proofHash: string,
): Promise<{ createdAt: string; email: string } | undefined> {
  return db.one(
    `SELECT m.created_at AS "createdAt", u.email FROM case_messages m JOIN cases c ON c.id = m.case_id
      JOIN users u ON u.id = c.user_id WHERE m.proof_hash = ?`,
    [proofHash],
  );
}
