import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Refusal } from '../../../../core/contract/refusals.ts';
import { takeLock } from '../../../../core/process-lock.ts';

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
 * Makes this process the only one that works on a database file: two busy writers starve each other. The system lets go
 * of the lock however the process ends (see takeLock).
 * Throws `database_held` when another process keeps it for longer than the wait, and at once when a server has it.
 */
export async function lockFile(path: string, waitMs = WAIT_MS): Promise<FileLock> {
  const holderPath = `${path}.holder`;
  let release = takeLock(`${path}.lock`);
  for (const deadline = Date.now() + waitMs; !release; release = takeLock(`${path}.lock`)) {
    const holder = holderOf(holderPath);
    // A server will not let go by itself: say at once where it is.
    if (holder?.url !== undefined || Date.now() >= deadline) throw heldBy(holder);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS + Math.random() * POLL_MS));
  }
  const unlock = release;
  let announced = false;
  return {
    announce: (holder) => {
      announced = true;
      writeFileSync(holderPath, JSON.stringify({ pid: process.pid, ...holder }), { mode: 0o600 });
    },
    release: () => {
      if (announced) rmSync(holderPath, { force: true });
      unlock();
    },
  };
}

function holderOf(path: string): Holder | undefined {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as Holder;
    process.kill(holder.pid, 0);
    return holder;
  } catch {
    return undefined; // Nobody said who they are, or they are gone.
  }
}

function heldBy(holder: Holder | undefined): Refusal {
  if (!holder)
    return new Refusal('database_held', {
      holder: 'Another okpay command',
      advice: 'Try again in a moment.',
    });
  const advice = holder.url ? `okpay --url ${holder.url} …` : 'Try again when it has finished.';
  return new Refusal('database_held', { holder: `${holder.what} (process ${holder.pid})`, advice });
}
