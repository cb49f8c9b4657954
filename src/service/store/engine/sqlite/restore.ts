import { existsSync, linkSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../../../../core/contract/refusals.ts';
import { syncFolder } from '../../../../core/sync-folder.ts';
import type { Present, Restored, Weigh } from '../caretaker.ts';
import { copyDatabase } from './back-up.ts';
import { checkPages, HOW, versionOf } from './check.ts';
import { lockFile } from './file-lock.ts';
import { openSnapshot, openWriter } from './open.ts';
import { SCHEMA_STEPS } from './schema.ts';

/** Files that belong to a database file. */
const BESIDE = ['-wal', '-shm', '-journal'];

/**
 * Puts a copy of `file` in the place of the database file `path`. The copy is checked and weighed where it will be, so
 * that what was checked is what is used. What was there is kept beside it under another name.
 */
export async function restore<T>(path: string, file: string, weigh: Weigh<T>): Promise<Restored<T>> {
  const lock = await lockFile(path);
  const draft = `${path}.restoring`;
  try {
    remove(draft);
    const version = await takeIn(file, draft);
    const now = openNow(path);
    const coming = openSnapshot(draft, new Set());
    let weighed: T;
    try {
      weighed = await weigh(now, coming);
    } finally {
      await coming.close();
      if (typeof now === 'object') await now.close();
    }
    const keptAs = setAside(path);
    renameSync(draft, path);
    syncFolder(dirname(path));
    return { weighed, how: HOW, version, ...(keptAs === undefined ? {} : { keptAs }) };
  } finally {
    remove(draft);
    lock.release();
  }
}

/** Copies a backup to where it can be checked, and brings its schema up. Gives the schema it had. */
async function takeIn(file: string, draft: string): Promise<number> {
  const unusable = (reason: string) => new Refusal('backup_unusable', { path: file, reason });
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw unusable('There is no such file.');
  let version: number;
  try {
    version = versionOf(file);
    if (version > 0) await copyDatabase(file, draft);
  } catch (error) {
    if (error instanceof Refusal) throw unusable('It is not an okpay database.');
    throw unusable(`It cannot be read: ${(error as Error).message}.`);
  }
  if (version === 0) throw unusable('It is empty.');
  if (version > SCHEMA_STEPS.length)
    throw new Refusal('database_newer', { found: String(version), known: String(SCHEMA_STEPS.length) });
  const [damage] = checkPages(draft);
  if (damage !== undefined) throw unusable(damage);
  openWriter(draft, 'FULL').close();
  return version;
}

/** The database that is there. */
function openNow(path: string): Present {
  if (!existsSync(path)) return 'nothing';
  try {
    return versionOf(path) === 0 ? 'nothing' : openSnapshot(path, new Set());
  } catch {
    return 'unreadable';
  }
}

/**
 * Gives the database that is there another name. Its name in the place is only replaced afterwards, by the new one:
 * were there a moment without a file, a command that came then would make a new and empty one.
 */
function setAside(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  writeWalBack(path);
  const keptAs = `${path}.replaced-${new Date().toISOString().replace(/[:.]/g, '')}`;
  // A log that stayed would be taken for the new file's own.
  for (const end of BESIDE) if (existsSync(`${path}${end}`)) renameSync(`${path}${end}`, `${keptAs}${end}`);
  try {
    linkSync(path, keptAs);
  } catch {
    renameSync(path, keptAs); // A file system without links: there is such a moment after all.
  }
  return keptAs;
}

function writeWalBack(path: string): void {
  try {
    const db = new DatabaseSync(path);
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    db.close();
  } catch {
    // It cannot be read: its log is kept with it.
  }
}

function remove(path: string): void {
  for (const end of ['', ...BESIDE, '.lock']) rmSync(`${path}${end}`, { force: true });
}
