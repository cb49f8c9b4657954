import { closeSync, fsyncSync, openSync, rmSync } from 'node:fs';
import type { Prove } from '../caretaker.ts';
import type { Snapshot } from '../engine.ts';
import { findProgram, runAlone, runOn } from './programs.ts';
import type { Address } from './url.ts';

/**
 * Dumps one moment of a database with pg_dump, in its custom format, into the new file `draft`. The same moment is proved
 * here: pg_dump reads the snapshot that this connection has open. Then the file is read once as a restore would read
 * it. What does not pass is removed. Throws `program_missing`, `program_failed`.
 */
export async function backUp<T>(
  address: Address,
  server: number,
  version: number,
  openSnapshot: () => Promise<Snapshot>,
  draft: string,
  prove: Prove<T>,
): Promise<{ proof: T; how: string }> {
  const major = await findProgram('pg_dump', server);
  await findProgram('pg_restore', server);
  closeSync(openSync(draft, 'wx', 0o600));
  try {
    const snapshot = await openSnapshot();
    try {
      const exported = await snapshot.one<{ name: string }>('SELECT pg_export_snapshot() AS name');
      await runOn(address, 'pg_dump', major, [
        '--format=custom',
        '--no-owner',
        '--no-privileges',
        `--snapshot=${exported?.name ?? ''}`,
        `--file=${draft}`,
      ]);
      syncFile(draft);
      await runAlone('pg_restore', ['--file=/dev/null', draft]);
      const proof = await prove({ reader: snapshot, version });
      return {
        proof,
        how: 'pg_dump read every row of the moment that was proved; the file was read whole again',
      };
    } finally {
      await snapshot.close();
    }
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

function syncFile(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
