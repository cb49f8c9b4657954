import { closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** SQLITE_BUSY and SQLITE_LOCKED: somebody else has the lock. */
const TAKEN = [5, 6];

/**
 * Takes the lock that a file stands for and returns what lets go of it, or undefined while another process has it.
 * It is a lock of the operating system, taken through SQLite because Node has none of its own: however a process ends,
 * it ends with it, and no number that another process may get later (a process id) has to be trusted.
 * Where the file system has no locks, it says that it was taken.
 */
export function takeLock(path: string): (() => void) | undefined {
  closeSync(openSync(path, 'a', 0o600));
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    // Nothing is ever written to the file, so nothing need be made safe either.
    lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    return TAKEN.includes(((error as { errcode?: number }).errcode ?? 0) & 0xff) ? undefined : () => {};
  }
  return () => lock.close();
}
