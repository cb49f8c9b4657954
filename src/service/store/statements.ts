import type { Reader, Writer } from './engine/engine.ts';

/**
 * A bank statement that was imported: by whom, what it says of itself, and what came of it (`report`, JSON). Balances and
 * `moved` (booked entries, credits less debits) are minor units; all null where the statement does not say them.
 */
export type StatementRow = {
  id: string;
  account: string;
  bankId: string;
  importedAt: string;
  importedBy: string;
  currency: string;
  firstDay: string | null;
  lastDay: string | null;
  sequence: bigint | null;
  opening: bigint | null;
  closing: bigint | null;
  moved: bigint;
  digest: string;
};

/** A statement in the chain of its account. `finishedAt` is null while it is being booked, and when that was cut off. */
export type ChainedStatement = StatementRow & { finishedAt: string | null };

const COLUMNS = `id, account, bank_id AS "bankId", imported_at AS "importedAt", imported_by AS "importedBy", currency,
  first_day AS "firstDay", last_day AS "lastDay", sequence, opening, closing, moved, digest, finished_at AS "finishedAt"`;

/** Writes statements down that are about to be booked. */
export async function insertStatements(tx: Writer, statements: readonly StatementRow[]): Promise<void> {
  for (const row of statements)
    await tx.run(
      `INSERT INTO statements (id, account, bank_id, imported_at, imported_by, currency, first_day, last_day, sequence,
        opening, closing, moved, digest, report) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')`,
      [
        row.id,
        row.account,
        row.bankId,
        row.importedAt,
        row.importedBy,
        row.currency,
        row.firstDay,
        row.lastDay,
        row.sequence,
        row.opening,
        row.closing,
        row.moved,
        row.digest,
      ],
    );
}

/** All of the statement is booked. */
export async function finishStatement(tx: Writer, id: string, finishedAt: string): Promise<void> {
  await tx.run('UPDATE statements SET finished_at = ? WHERE id = ?', [finishedAt, id]);
}

export async function keepStatementReport(tx: Writer, id: string, report: string): Promise<void> {
  await tx.run('UPDATE statements SET report = ? WHERE id = ?', [report, id]);
}

/** The statements of one account that say on which day they close, in the order of these days. */
export function statementsOf(db: Reader, account: string, currency: string): Promise<ChainedStatement[]> {
  return db.all<ChainedStatement>(
    `SELECT ${COLUMNS} FROM statements WHERE account = ? AND currency = ? AND last_day IS NOT NULL ORDER BY last_day, id`,
    [account, currency],
  );
}

/** Every bank account that statements were imported of, with its currency. */
export function statementAccounts(
  db: Reader,
  account?: string,
): Promise<{ account: string; currency: string }[]> {
  return db.all(
    `SELECT DISTINCT account, currency FROM statements WHERE last_day IS NOT NULL ${account === undefined ? '' : 'AND account = ?'}
      ORDER BY account, currency`,
    account === undefined ? [] : [account],
  );
}
