import type { Currency } from '../../core/money.ts';
import type { Reader, Value, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** A withdrawal. Amounts in minor units; `moves` and `ending` are JSON. */
export type WithdrawalRow = {
  id: string;
  userId: string;
  bankAccount: string;
  currency: Currency;
  paid: bigint;
  fee: bigint;
  amount: bigint;
  quote: string;
  key: string;
  fingerprint: string;
  hold: string;
  state: string;
  moves: string;
  ending: string | null;
  approval: string | null;
  batch: string | null;
  transfer: string | null;
  returnedBy: string | null;
  feeRefund: string | null;
  /** Transfers; see `earlyReturnsOf`. */
  earlyReturn: string | null;
  requestedAt: string;
  /** When a job has to look at it next; null for never. */
  dueAt: string | null;
};

const SELECT = `SELECT id, user_id AS "userId", bank_account AS "bankAccount", currency, paid, fee, amount, quote, key,
  fingerprint, hold, state, moves, ending, approval, batch, transfer, returned_by AS "returnedBy",
  fee_refund AS "feeRefund", early_return AS "earlyReturn", requested_at AS "requestedAt", due_at AS "dueAt"
  FROM withdrawals`;

/** What has begun only is a call under way, and nobody's withdrawal yet. */
const IS_ONE = `state <> 'begun'`;

export async function insertWithdrawal(
  tx: Writer,
  row: Omit<
    WithdrawalRow,
    'ending' | 'approval' | 'batch' | 'transfer' | 'returnedBy' | 'feeRefund' | 'earlyReturn'
  >,
): Promise<void> {
  await tx.run(
    `INSERT INTO withdrawals (id, user_id, bank_account, currency, paid, fee, amount, quote, key, fingerprint, hold, state,
      moves, requested_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.id,
      row.userId,
      row.bankAccount,
      row.currency,
      row.paid,
      row.fee,
      row.amount,
      row.quote,
      row.key,
      row.fingerprint,
      row.hold,
      row.state,
      row.moves,
      row.requestedAt,
      row.dueAt,
    ],
  );
}

/** Forgets one of which nothing came. */
export async function deleteBegun(tx: Writer, id: string): Promise<void> {
  await tx.run(`DELETE FROM withdrawals WHERE id = ? AND state = 'begun'`, [id]);
}

/** One by its id, also one that has begun only. */
export function withdrawalById(db: Reader, id: string): Promise<WithdrawalRow | undefined> {
  return db.one<WithdrawalRow>(`${SELECT} WHERE id = ?`, [id]);
}

export function withdrawalsByIds(db: Reader, ids: readonly string[]): Promise<WithdrawalRow[]> {
  return allOf(db, ids, (places) => `${SELECT} WHERE id IN (${places}) AND ${IS_ONE}`);
}

/** Newest first, from before `before` on: of one holder, in one state, in one batch, as far as these are given. */
export function withdrawals(
  db: Reader,
  page: {
    readonly user?: string | undefined;
    readonly state?: string | undefined;
    readonly batch?: string | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<WithdrawalRow[]> {
  const where = ['id < ?', IS_ONE];
  const values: Value[] = [page.before ?? '~'];
  const narrow = (column: string, value: string | undefined) => {
    if (value === undefined) return;
    where.push(`${column} = ?`);
    values.push(value);
  };
  narrow('user_id', page.user);
  narrow('state', page.state);
  narrow('batch', page.batch);
  return db.all<WithdrawalRow>(`${SELECT} WHERE ${where.join(' AND ')} ORDER BY id DESC LIMIT ?`, [
    ...values,
    page.limit,
  ]);
}

/** What a holder has asked for that is not on its way to a bank yet. */
export function withdrawalsToCancel(db: Reader, user: string): Promise<WithdrawalRow[]> {
  return db.all<WithdrawalRow>(
    `${SELECT} WHERE user_id = ? AND state IN ('begun', 'requested', 'approved') ORDER BY id`,
    [user],
  );
}

/** Writes what has become of it. */
export async function updateWithdrawal(tx: Writer, row: WithdrawalRow): Promise<void> {
  await tx.run(
    `UPDATE withdrawals SET state = ?, moves = ?, ending = ?, approval = ?, batch = ?, transfer = ?, returned_by = ?,
      fee_refund = ?, early_return = ?, due_at = ? WHERE id = ?`,
    [
      row.state,
      row.moves,
      row.ending,
      row.approval,
      row.batch,
      row.transfer,
      row.returnedBy,
      row.feeRefund,
      row.earlyReturn,
      row.dueAt,
      row.id,
    ],
  );
}

/** Has a job look at these, which somebody is about to work on. */
export async function markDue(tx: Writer, ids: readonly string[], at: string): Promise<void> {
  for (const id of ids)
    await tx.run('UPDATE withdrawals SET due_at = ? WHERE id = ? AND due_at IS NULL', [at, id]);
}

/** Has a job look at the one that waits for this decision. */
export async function markDueByApproval(tx: Writer, approval: string, at: string): Promise<void> {
  await tx.run('UPDATE withdrawals SET due_at = ? WHERE approval = ?', [at, approval]);
}

/** What a job has to look at, the most urgent first, whether it is time already or not. */
export function withdrawalsToFollow(db: Reader, limit: number): Promise<{ id: string; dueAt: string }[]> {
  return db.all(
    `SELECT id, due_at AS "dueAt" FROM withdrawals WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
    [limit],
  );
}

/** Puts off when a job looks at it. */
export async function putOffWithdrawal(tx: Writer, id: string, dueAt: string): Promise<void> {
  await tx.run('UPDATE withdrawals SET due_at = ? WHERE id = ? AND due_at IS NOT NULL', [dueAt, id]);
}

/** In which currencies something waits to go to a bank. */
export async function currenciesToBatch(db: Reader): Promise<Currency[]> {
  const rows = await db.all<{ currency: Currency }>(
    `SELECT DISTINCT currency FROM withdrawals WHERE state = 'approved' AND ending IS NULL ORDER BY currency`,
  );
  return rows.map(({ currency }) => currency);
}

/** Puts what is approved in a currency into a batch, the oldest first, at most so many; gives how many. `move` is JSON. */
export function putIntoBatch(
  tx: Writer,
  { batch, currency, move, limit }: { batch: string; currency: string; move: string; limit: number },
): Promise<number> {
  return tx.run(
    `UPDATE withdrawals SET state = 'batched', batch = ?, moves = substr(moves, 1, length(moves) - 1) || ',' || ? || ']'
      WHERE id IN (SELECT id FROM withdrawals WHERE state = 'approved' AND ending IS NULL AND currency = ?
        ORDER BY id LIMIT ?)`,
    [batch, move, currency, limit],
  );
}

/** All of a batch, the oldest first. */
export function withdrawalsOfBatch(db: Reader, batch: string): Promise<WithdrawalRow[]> {
  return db.all<WithdrawalRow>(`${SELECT} WHERE batch = ? ORDER BY id`, [batch]);
}
