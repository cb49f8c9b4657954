import type { Writer } from './engine/engine.ts';

/** That a bank statement was imported, by whom, and what came of it (JSON). */
export type StatementRow = {
  id: string;
  account: string;
  bankId: string;
  importedAt: string;
  importedBy: string;
  report: string;
};

export async function insertStatement(tx: Writer, statement: StatementRow): Promise<void> {
  await tx.run(
    'INSERT INTO statements (id, account, bank_id, imported_at, imported_by, report) VALUES (?, ?, ?, ?, ?, ?)',
    [
      statement.id,
      statement.account,
      statement.bankId,
      statement.importedAt,
      statement.importedBy,
      statement.report,
    ],
  );
}
