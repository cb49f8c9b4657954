import { Worker } from 'node:worker_threads';

/**
 * Writes the log of a database back into its file, beside the work of the process: done by the commit that fills the log,
 * it made everybody who came then wait for some thirty milliseconds, every second under load.
 */
export type Checkpointer = {
  /** Says that something was committed. */
  readonly committed: () => void;
  readonly close: () => Promise<void>;
};

/** Commits after which a process counts as one that writes much: a short command never starts a thread. */
const MANY_COMMITS = 1_000;
/**
 * In pages of the log. So many are `worth` writing back: the disk then keeps a commit waiting for some milliseconds, with
 * more of them for longer. Everybody waits for `finish`, so it is done only when the log is `long`: 240 MB.
 */
export const PLAN = { worth: 1_000, long: 60_000, everyMs: 50 };

/**
 * What the thread runs: text, so that it needs no file of its own in the bundle. It writes back what it can without
 * stopping anybody (https://www.sqlite.org/pragma.html#pragma_wal_checkpoint), until nothing is left: the next
 * commit then begins the log at its start.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { DatabaseSync } = require('node:sqlite');
const { path, worth, long, everyMs } = workerData;
const db = new DatabaseSync(path);
const look = db.prepare('PRAGMA wal_checkpoint(NOOP)');
const writeBack = db.prepare('PRAGMA wal_checkpoint(PASSIVE)');
const leftOf = ({ log, checkpointed }) => log - checkpointed;
setInterval(() => {
  let left = leftOf(look.get());
  if (left < worth) return;
  // What writing back answers does not count what was committed meanwhile.
  for (let before = Infinity; left > 0 && left < before; left = leftOf(look.get())) {
    before = left;
    writeBack.get();
  }
  if (look.get().log > long) parentPort.postMessage('almost');
}, everyMs);
`;

/**
 * Watches over the log of the database at `path`. While others write all the time, the thread may never quite catch up; `finish` then
 * writes back the little that is left while nobody does, so that a long log begins again at its start. Should the thread fail, the
 * log is written back by the commit that fills it, as without it.
 */
export function makeCheckpointer(path: string, finish: () => Promise<void>, plan = PLAN): Checkpointer {
  let commits = 0;
  let worker: Worker | undefined;
  const start = (): Worker => {
    const started = new Worker(THREAD, { eval: true, workerData: { path, ...plan } });
    started.unref();
    started.on('message', () => void finish().catch(() => undefined));
    started.on('error', () => undefined);
    return started;
  };
  return {
    committed: () => {
      commits += 1;
      if (commits === MANY_COMMITS) worker = start();
    },
    close: async () => {
      await worker?.terminate();
    },
  };
}
