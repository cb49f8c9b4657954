import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../../../../core/contract/refusals.ts';
import { APPLICATION_ID, pragma } from './open.ts';

/** The steps of the schema a file has taken. Throws `database_damaged` when it is none of ours. */
export function versionOf(path: string): number {
  try {
    return reading(path, (db) => {
      const version = Number(pragma(db, 'user_version'));
      const isNew = version === 0 && !db.prepare('SELECT 1 FROM sqlite_schema').get();
      if (!isNew && pragma(db, 'application_id') !== APPLICATION_ID)
        throw new Refusal('database_damaged', { path });
      return version;
    });
  } catch (error) {
    if (error instanceof Refusal || !/not a database|malformed|unable to open/.test((error as Error).message))
      throw error;
    throw new Refusal('database_damaged', { path });
  }
}

/** How `checkPages` checks. */
export const HOW = 'every page, index and reference (integrity_check, foreign_key_check)';

/** What is wrong with the pages of a file, its indexes, or its references; one sentence each. */
export function checkPages(path: string): string[] {
  try {
    return reading(path, (db) => [
      ...db
        .prepare('PRAGMA integrity_check(100)')
        .all()
        .map((row) => String(row['integrity_check']))
        .filter((text) => text !== 'ok')
        .map((text) => `SQLite finds: ${text.replaceAll('\n', ' ')}.`),
      ...db
        .prepare('PRAGMA foreign_key_check')
        .all()
        .slice(0, 100)
        .map(
          (row) =>
            `A row of ${String(row['table'])} refers to a row of ${String(row['parent'])} that is not there.`,
        ),
    ]);
  } catch (error) {
    return [`SQLite cannot read it: ${(error as Error).message}.`];
  }
}

function reading<T>(path: string, read: (db: DatabaseSync) => T): T {
  const db = new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false });
  try {
    return read(db);
  } finally {
    db.close();
  }
}
