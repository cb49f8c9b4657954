import { ok, problem, warning, type Finding } from '../../../../core/checks/attempt.ts';
import type { Reader } from '../engine.ts';

/** The versions the tests run on. */
const OLDEST = 15;
const NEWEST = 18;

/** Settings of the server that a ledger cannot do without, and what they must not be. */
const DANGEROUS: readonly (readonly [name: string, bad: string, why: string])[] = [
  ['fsync', 'off', 'a crash of the machine loses or damages what was committed'],
  ['full_page_writes', 'off', 'a crash of the machine can leave pages half written'],
  ['data_sync_retry', 'on', 'after a failed write the server would take lost pages for written'],
];

type Setting = { name: string; setting: string };

/** Looks at the server of a database. Servers that only speak PostgreSQL's protocol have other settings, or none. */
export async function examine(db: Reader, major: number): Promise<Finding[]> {
  const rows = await db.all<Setting>(
    `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'data_sync_retry',
      'synchronous_commit', 'synchronous_standby_names', 'max_connections', 'data_checksums')`,
  );
  const settings = new Map(rows.map(({ name, setting }) => [name, setting]));
  return [checkVersion(major), ...checkSafety(settings), checkStandby(settings), checkSums(settings)];
}

function checkVersion(major: number): Finding {
  return major >= OLDEST && major <= NEWEST
    ? ok(`PostgreSQL ${major} is one okpay is tested on.`)
    : warning(`PostgreSQL ${major} is not tested; ${OLDEST} to ${NEWEST} are.`);
}

function checkSafety(settings: ReadonlyMap<string, string>): Finding[] {
  return DANGEROUS.flatMap(([name, bad, why]) =>
    settings.get(name) === bad
      ? [problem(`${name} is ${bad}: ${why}.`, `ALTER SYSTEM RESET ${name}, and restart PostgreSQL.`)]
      : [],
  );
}

function checkStandby(settings: ReadonlyMap<string, string>): Finding {
  const standbys = settings.get('synchronous_standby_names') ?? '';
  const commit = settings.get('synchronous_commit') ?? '';
  if (standbys === '')
    return ok('There is no synchronous standby: what is committed is on one machine, and on its backups.');
  return ['local', 'off'].includes(commit)
    ? warning(
        `There is a synchronous standby, and with synchronous_commit=${commit} nobody waits for it.`,
        'ALTER SYSTEM SET synchronous_commit = on',
      )
    : ok(`Commits wait for a standby (${standbys}, synchronous_commit=${commit}).`);
}

function checkSums(settings: ReadonlyMap<string, string>): Finding {
  return settings.get('data_checksums') === 'on'
    ? ok('Pages have checksums.')
    : warning(
        'Pages have no checksums: a disk that changes bits is not noticed.',
        'pg_checksums --enable, while PostgreSQL is stopped.',
      );
}
