import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Restored, Weigh } from '../caretaker.ts';
import type { Snapshot } from '../engine.ts';
import { findProgram, runAlone, runOn } from './programs.ts';
import { POSTGRES_STEPS } from './schema.ts';
import type { Address } from './url.ts';

/** What a restore needs of the database it goes to. */
export type Target = {
  readonly address: Address;
  /** How many users and transfers are there; 0 when there are no tables. Throws when the tables are another program's. */
  readonly countRows: () => Promise<number>;
  /** Makes or upgrades the tables. */
  readonly migrate: () => Promise<void>;
  readonly dropTables: () => Promise<void>;
  readonly openSnapshot: () => Promise<Snapshot>;
};

/**
 * Brings a dump into an empty database, in one transaction; when what came is not wanted, the database is empty again.
 * A database with people or payments in it is never written over: another one can be made beside it, and nothing of it
 * would be left to compare with. Throws `database_not_empty`, `backup_unusable`, `database_newer`.
 */
export async function restore<T>(target: Target, file: string, weigh: Weigh<T>): Promise<Restored<T>> {
  const { address } = target;
  checkKind(file);
  const major = await findProgram('pg_restore');
  if ((await target.countRows()) > 0)
    throw new Refusal('database_not_empty', {
      what: 'On PostgreSQL a backup goes into an empty database only, --force or not: make a new one beside it (createdb), and name that one in OKPAY_DATABASE_URL.',
    });
  const version = await schemaOf(file);
  await runOn(address, 'pg_restore', major, [
    '--single-transaction',
    '--exit-on-error',
    '--no-owner',
    '--no-privileges',
    '--clean',
    '--if-exists',
    ...(address.database === undefined ? [] : [`--dbname=${address.database}`]),
    file,
  ]);
  try {
    await target.migrate();
    const coming = await target.openSnapshot();
    try {
      return { weighed: await weigh('nothing', coming), how: 'pg_restore read the whole file', version };
    } finally {
      await coming.close();
    }
  } catch (error) {
    await target.dropTables();
    throw error;
  }
}

const unusable = (file: string, reason: string) => new Refusal('backup_unusable', { path: file, reason });

/** A dump in the custom format begins with these letters. */
function checkKind(file: string): void {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw unusable(file, 'There is no such file.');
  const start = Buffer.alloc(5);
  const handle = openSync(file, 'r');
  readSync(handle, start, 0, start.length, 0);
  closeSync(handle);
  if (start.toString('latin1') !== 'PGDMP')
    throw unusable(file, 'It is not a dump in the custom format of pg_dump.');
}

/** The schema a dump has, read from the dump. It is read whole. */
async function schemaOf(file: string): Promise<number> {
  try {
    await runAlone('pg_restore', ['--file=/dev/null', file]);
    const rows = await runAlone('pg_restore', ['--data-only', '--table=okpay_schema', '--file=-', file]);
    const version = Number(/^COPY .*okpay_schema \(one, version\).*\n1\t(\d+)$/m.exec(rows)?.[1] ?? 0);
    if (version === 0) throw unusable(file, 'There are no tables of okpay in it.');
    if (version > POSTGRES_STEPS.length)
      throw new Refusal('database_newer', { found: String(version), known: String(POSTGRES_STEPS.length) });
    return version;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'program_failed')
      throw unusable(file, `pg_restore cannot read it: ${error.facts['reason'] ?? ''}.`);
    throw error;
  }
}
