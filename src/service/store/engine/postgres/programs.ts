import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Address } from './url.ts';

export type Program = 'pg_dump' | 'pg_restore';

/** From here on libpq can take the certificates of the system (`sslrootcert=system`). */
const KNOWS_SYSTEM_CERTIFICATES = 16;
/** The most of what a program writes that is kept for people, in characters. */
const MOST_SAID = 2_000;

/**
 * Checks that a program of PostgreSQL is there and at least as new as the server, as it must be. Gives its major
 * version. Throws `program_missing`.
 */
export async function findProgram(program: Program, server = 0): Promise<number> {
  const missing = (reason: string) => new Refusal('program_missing', { program, reason });
  const said = await run(program, ['--version'], {}).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw missing('it comes with PostgreSQL (Debian: postgresql-client) and was not found in PATH.');
    throw error;
  });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(said)?.[1]);
  if (!(major >= server))
    throw missing(
      `the one in PATH is of version ${major}, and the server is of version ${server}: put a newer one first in PATH.`,
    );
  return major;
}

/**
 * Runs a program of PostgreSQL on a database. Where it is goes by environment variables and the password by a file that
 * lives as long as the program: arguments can be seen by everybody on the machine. Gives what it wrote to stdout.
 * Throws `program_failed`.
 */
export async function runOn(
  address: Address,
  program: Program,
  major: number,
  flags: readonly string[],
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-pg-'));
  try {
    const passwords = join(folder, 'passwords');
    const password = (address.password ?? '').replace(/[\\:]/g, '\\$&');
    writeFileSync(passwords, `*:*:*:*:${password}\n`, { mode: 0o600 });
    return await run(program, ['--no-password', ...flags], environmentOf(address, major, passwords));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a program of PostgreSQL on files only. */
export function runAlone(program: Program, flags: readonly string[]): Promise<string> {
  return run(program, flags, {});
}

/** As libpq reads it (https://www.postgresql.org/docs/current/libpq-envars.html). */
function environmentOf(address: Address, major: number, passwords: string): Record<string, string> {
  const { hosts, user, password, database, certificates } = address;
  const withTls = hosts[0].ssl !== false;
  const system = major >= KNOWS_SYSTEM_CERTIFICATES ? { PGSSLROOTCERT: 'system' } : {};
  const files = Object.entries(certificates).map(
    ([name, path]) => [`PG${name.toUpperCase()}`, path] as const,
  );
  return {
    PGHOST: hosts.map(({ host }) => host).join(','),
    PGPORT: hosts.map(({ port }) => port).join(','),
    ...(user === undefined ? {} : { PGUSER: user }),
    ...(database === undefined ? {} : { PGDATABASE: database }),
    ...(password === undefined ? {} : { PGPASSFILE: passwords }),
    ...(hosts.length > 1 ? { PGTARGETSESSIONATTRS: 'read-write' } : {}),
    PGSSLMODE: withTls ? 'verify-full' : 'disable',
    ...(withTls ? { ...system, ...Object.fromEntries<string>(files) } : {}),
    PGAPPNAME: address.applicationName,
    PGCONNECT_TIMEOUT: '10',
  };
}

/** Nothing of our own environment goes along but where programs and the user's own files are. */
async function run(
  program: Program,
  flags: readonly string[],
  environment: Record<string, string>,
): Promise<string> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(program, flags, {
    env: { PATH, HOME, LC_ALL: 'C', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [said, complained] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, MOST_SAID);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complained = (complained + text).slice(0, MOST_SAID);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return said;
  const reason = complained.split('\n')[0]?.replace(/^pg_\w+: (error: )?/, '') || `it ended with ${code}`;
  throw new Refusal('program_failed', { program, reason });
}
