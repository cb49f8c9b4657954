import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { Refusal } from '../../../../core/contract/refusals.ts';

/** Who holds a database file, as written beside it for others to read. */
type Holder = { pid: number; what: string; url?: string };

/** How long a second process waits for the file before it says who holds it, in milliseconds. */
const WAIT_MS = 10_000;
const POLL_MS = 20;

export type FileLock = {
  readonly announce: (holder: Omit<Holder, 'pid'>) => void;
  readonly release: () => void;
};

/**
 * Makes this process the only one that works on a database file: two busy writers starve each other. The lock is an
 * exclusive lock of SQLite itself on a small file beside it, so the system lets go of it however the process ends.
 * Throws `database_held` when another process keeps it for longer than the wait.
 */
export async function lockFile(path: string, waitMs = WAIT_MS): Promise<FileLock> {
  const holderPath = `${path}.holder`;
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  for (const deadline = Date.now() + waitMs; ;) {
    try {
      // Nothing is ever written to it; with a journal on the disk, letting go would wait for the disk three times.
      lock.exec('PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
      break;
    } catch (error) {
      if (!/locked|busy/i.test((error as Error).message)) throw error;
      if (Date.now() >= deadline) {
        lock.close();
        throw heldBy(holderPath);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS + Math.random() * POLL_MS));
    }
  }
  let announced = false;
  return {
    announce: (holder) => {
      announced = true;
      writeFileSync(holderPath, JSON.stringify({ pid: process.pid, ...holder }), { mode: 0o600 });
    },
    release: () => {
      if (announced) rmSync(holderPath, { force: true });
      lock.close();
    },
  };
}

function heldBy(holderPath: string): Refusal {
  try {
    const holder = JSON.parse(readFileSync(holderPath, 'utf8')) as Holder;
    process.kill(holder.pid, 0);
    const advice = holder.url ? `okpay --url ${holder.url} …` : 'Try again when it has finished.';
    return new Refusal('database_held', { holder: `${holder.what} (process ${holder.pid})`, advice });
  } catch {
    return new Refusal('database_held', {
      holder: 'Another okpay command',
      advice: 'Try again in a moment.',
    });
  }
}
