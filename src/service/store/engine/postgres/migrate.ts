import pg from 'pg';
import { Refusal } from '../../../../core/contract/refusals.ts';
import { isTaken, lostRace } from './failures.ts';
import { POSTGRES_STEPS } from './schema.ts';
import { pause } from './waiting.ts';

const EXISTS = ['42P07', '42710'];
const MISSING = '42P01';
/** insufficient_privilege */
const FORBIDDEN = '42501';
const MOST_TRIES = 20;

/**
 * Takes the steps of the schema that the database has not taken. Nodes that start at once wait for each other on the
 * one row of `okpay_schema`. Throws `database_newer`, `database_older` when the login may not make tables,
 * `database_damaged` when they are another program's, and `input_invalid` for a database that does not keep text in UTF-8.
 */
export async function migrate(client: pg.ClientBase, place: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    let found: number | undefined;
    try {
      found = await versionOf(client);
      if (found === POSTGRES_STEPS.length) return;
      return await upgrade(client, place);
    } catch (error) {
      await client.query('ROLLBACK').catch(() => undefined);
      if (is(error, [FORBIDDEN]))
        throw new Refusal('database_older', {
          found: String(found ?? 0),
          known: String(POSTGRES_STEPS.length),
        });
      const raced = lostRace(error) || isTaken(error) || is(error, EXISTS);
      if (!raced || tries === MOST_TRIES) throw error;
      await pause(tries);
    }
  }
}

/** How many steps were taken; undefined when the database has none of our tables. Throws `database_newer`. */
async function versionOf(client: pg.ClientBase, lock: '' | 'FOR UPDATE' = ''): Promise<number | undefined> {
  try {
    const { rows } = await client.query<{ version: bigint }>(
      `SELECT version FROM okpay_schema WHERE one = 1 ${lock}`,
    );
    const version = Number(rows[0]?.version ?? 0n);
    if (version > POSTGRES_STEPS.length)
      throw new Refusal('database_newer', { found: String(version), known: String(POSTGRES_STEPS.length) });
    return version;
  } catch (error) {
    if (is(error, [MISSING])) return undefined;
    throw error;
  }
}

async function upgrade(client: pg.ClientBase, place: string): Promise<void> {
  const encoding = await client.query<{ server_encoding: string }>('SHOW server_encoding');
  if (encoding.rows[0]?.server_encoding !== 'UTF8')
    throw new Refusal('input_invalid', {
      field: 'OKPAY_DATABASE_URL',
      reason: 'takes a database whose encoding is UTF8',
    });
  // All in one transaction, so that a database that turns out to be another program's is left as it was.
  await client.query('BEGIN');
  await client.query(
    'CREATE TABLE IF NOT EXISTS okpay_schema (one BIGINT PRIMARY KEY, version BIGINT NOT NULL)',
  );
  await client.query('INSERT INTO okpay_schema VALUES (1, 0) ON CONFLICT (one) DO NOTHING');
  const version = (await versionOf(client, 'FOR UPDATE')) ?? 0;
  for (const step of POSTGRES_STEPS.slice(version)) {
    try {
      await client.query(step);
    } catch (error) {
      // Nobody else takes our steps while we hold the row: the table was there before.
      if (is(error, EXISTS)) throw new Refusal('database_damaged', { path: place });
      throw error;
    }
  }
  await client.query('UPDATE okpay_schema SET version = $1 WHERE one = 1', [String(POSTGRES_STEPS.length)]);
  const { command } = await client.query('COMMIT');
  if (command !== 'COMMIT') throw new Error(`COMMIT was answered ${command}`);
}

function is(error: unknown, states: readonly string[]): boolean {
  return error instanceof pg.DatabaseError && states.includes(error.code ?? '');
}
