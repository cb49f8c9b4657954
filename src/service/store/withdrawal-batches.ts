import type { Currency } from '../../core/money.ts';

import type { Reader, Writer } from './engine/engine.ts';

/** Withdrawals that go to a bank in one file. */
export type BatchRow = {
  id: string;
  iban: string;
  bic: string | null;
  name: string;
  currency: Currency;
  version: string;
  executeOn: string;
  state: string;
  payments: bigint;
  total: bigint;
  madeAt: string;
  madeBy: string;
  dueAt: string | null;
};

const SELECT = `SELECT id, iban, bic, name, currency, version, execute_on AS "executeOn", state, payments, total,
  made_at AS "madeAt", made_by AS "madeBy", due_at AS "dueAt" FROM withdrawal_batches`;

export async function insertBatch(tx: Writer, row: BatchRow): Promise<void> {
  await tx.run(
    `INSERT INTO withdrawal_batches (id, iban, bic, name, currency, version, execute_on, state, payments, total, made_at,
      made_by, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      row.id,
      row.iban,
      row.bic,
      row.name,
      row.currency,
      row.version,
      row.executeOn,
      row.state,
      row.payments,
      row.total,
      row.madeAt,
      row.madeBy,
      row.dueAt,
    ],
  );
}

export function batchById(db: Reader, id: string): Promise<BatchRow | undefined> {
  return db.one<BatchRow>(`${SELECT} WHERE id = ?`, [id]);
}

/** Those that went out, newest first. */
export function closedBatches(
  db: Reader,
  page: { readonly before?: string | undefined; readonly limit: number },
): Promise<BatchRow[]> {
  return db.all<BatchRow>(`${SELECT} WHERE state = 'closed' AND id < ? ORDER BY id DESC LIMIT ?`, [
    page.before ?? '~',
    page.limit,
  ]);
}

/** Says that nothing more goes into it, nor out of it. */
export async function closeBatch(tx: Writer, id: string, payments: bigint, total: bigint): Promise<void> {
  await tx.run(
    'UPDATE withdrawal_batches SET state = ?, payments = ?, total = ?, due_at = NULL WHERE id = ?',
    [payments === 0n ? 'empty' : 'closed', payments, total, id],
  );
}

/** What a job has to look at, the most urgent first, whether it is time already or not. */
export function batchesToClose(db: Reader, limit: number): Promise<{ id: string; dueAt: string }[]> {
  return db.all(
    `SELECT id, due_at AS "dueAt" FROM withdrawal_batches WHERE due_at IS NOT NULL ORDER BY due_at LIMIT ?`,
    [limit],
  );
}

/** Puts off when a job looks at it. */
export async function putOffBatch(tx: Writer, id: string, dueAt: string): Promise<void> {
  await tx.run('UPDATE withdrawal_batches SET due_at = ? WHERE id = ? AND due_at IS NOT NULL', [dueAt, id]);
}
