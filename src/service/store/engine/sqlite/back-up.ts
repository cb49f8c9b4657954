import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import { DatabaseSync, backup } from 'node:sqlite';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Prove } from '../caretaker.ts';
import { checkPages, HOW, versionOf } from './check.ts';
import { openSnapshot } from './open.ts';

/** Pages of 4 KiB copied at once. */
const PAGES = 1_000;

/**
 * Copies one moment of a database file, also one that another process writes to, into the new file `draft`, checks it
 * and has it proved. What does not pass is removed. Throws `database_unsound`.
 */
export async function backUp<T>(
  path: string,
  draft: string,
  prove: Prove<T>,
): Promise<{ proof: T; how: string }> {
  try {
    await copyDatabase(path, draft);
    const version = versionOf(draft);
    const damage = checkPages(draft);
    if (damage.length > 0)
      throw new Refusal('database_unsound', { count: String(damage.length), findings: damage.join('\n') });
    const reader = openSnapshot(draft, new Set());
    try {
      return { proof: await prove({ reader, version }), how: HOW };
    } finally {
      await reader.close();
    }
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** Copies one moment of a database file, whoever writes to it, into a new file of its own that needs no other. */
export async function copyDatabase(path: string, copy: string): Promise<void> {
  closeSync(openSync(copy, 'wx', 0o600));
  const from = new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false });
  try {
    // With a read transaction open it is one moment that is copied. Without one, each commit of another process would
    // make the copy begin anew, and under load it would never end (https://www.sqlite.org/backup.html).
    from.exec('BEGIN; SELECT 1 FROM sqlite_schema');
    await backup(from, copy, { rate: PAGES });
  } finally {
    from.close();
  }
  const to = new DatabaseSync(copy);
  try {
    // Without write-ahead log: a backup is one file, and can be read where nothing can be written.
    to.exec('PRAGMA journal_mode = DELETE');
  } finally {
    to.close();
  }
  syncFile(copy);
}

function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
