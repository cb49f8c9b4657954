import { statSync } from 'node:fs';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Caretaker, Look } from '../caretaker.ts';
import { backUp } from './back-up.ts';
import { checkPages, HOW, versionOf } from './check.ts';
import { lockFile } from './file-lock.ts';
import { openSnapshot } from './open.ts';
import { examine } from './examine.ts';
import { restore } from './restore.ts';
import { SCHEMA_STEPS } from './schema.ts';

/** Looks after a database file. Everything but `restore` only reads, beside whoever has the file open. */
export function sqliteCaretaker(path: string): Caretaker {
  return {
    engine: 'sqlite',
    place: path,
    known: SCHEMA_STEPS.length,
    look: () => look(path),
    openSnapshot: async () => openSnapshot(path, new Set()),
    checkPages: async () => ({ how: HOW, findings: checkPages(path) }),
    backUp: (draft, prove) => backUp(path, draft, prove),
    restore: (file, weigh) => restore(path, file, weigh),
    examine: () => examine(path),
  };
}

async function look(path: string): Promise<Look> {
  const bytes = sizeOf(path);
  const heldBy = bytes === undefined ? undefined : await holderOf(path);
  return {
    version: bytes === undefined || bytes === 0 ? 0 : versionOf(path),
    product: `SQLite ${process.versions['sqlite']}`,
    bytes: bytes ?? 0,
    walBytes: sizeOf(`${path}-wal`) ?? 0,
    ...(heldBy === undefined ? {} : { heldBy }),
  };
}

/** Who works on the file, in the words of the refusal they would cause. */
async function holderOf(path: string): Promise<string | undefined> {
  try {
    (await lockFile(path, 0)).release();
    return undefined;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'database_held') return error.facts['holder'];
    throw error;
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}
