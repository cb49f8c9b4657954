import pg from 'pg';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Caretaker, Look, PageCheck } from '../caretaker.ts';
import type { Reader, Row, Snapshot, Value } from '../engine.ts';
import { backUp } from './back-up.ts';
import { makeConnections } from './connections.ts';
import { examine } from './examine.ts';
import { failureOf, openFailureOf } from './failures.ts';
import { migrate } from './migrate.ts';
import { restore } from './restore.ts';
import { POSTGRES_STEPS } from './schema.ts';
import { makeStatements } from './statements.ts';
import { readPostgresUrl } from './url.ts';
import { checked } from './values.ts';

const MISSING_TABLE = '42P01';
/** Damage that PostgreSQL noticed: data_corrupted and index_corrupted. */
const CORRUPTED = ['XX001', 'XX002'];

/** Looks after a PostgreSQL database, by connections of its own. Throws `input_invalid` for a URL that is none. */
export function postgresCaretaker(url: string): Caretaker {
  const address = readPostgresUrl(url);

  /** Does something on a connection that may take as long as it takes. */
  const on = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const connections = makeConnections(address);
    try {
      const client = await connections.open('ordinary');
      try {
        await client.query(
          `SELECT set_config('statement_timeout', '0', false), set_config('idle_in_transaction_session_timeout', '0', false)`,
        );
        return await work(client);
      } finally {
        await client.end();
      }
    } catch (error) {
      throw openFailureOf(error);
    } finally {
      await connections.close();
    }
  };

  const look = (): Promise<Look> =>
    on(async (client) => {
      const { rows } = await client.query<{ product: string; bytes: bigint }>(
        `SELECT current_setting('server_version') AS product, pg_database_size(current_database()) AS bytes`,
      );
      return {
        version: await versionOf(client),
        product: `PostgreSQL ${rows[0]?.product.split(' ')[0] ?? ''}`,
        bytes: Number(rows[0]?.bytes ?? 0n),
      };
    });
  const majorOf = ({ product }: Look) => Number(/\d+/.exec(product)?.[0] ?? 0);

  const openSnapshot = async (): Promise<Snapshot> => {
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    return new Promise<Snapshot>((opened, failed) => {
      const whole = on(async (client) => {
        await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        const reader = readerOf(client);
        await reader.one('SELECT 1');
        opened({
          ...reader,
          close: async () => {
            close();
            await whole;
          },
        });
        await closed;
      });
      whole.catch(failed);
    });
  };

  return {
    engine: 'postgres',
    place: address.place,
    known: POSTGRES_STEPS.length,
    look,
    openSnapshot,
    checkPages: () => on(checkPages),
    backUp: async (draft, prove) => {
      const seen = await look();
      return backUp(address, majorOf(seen), seen.version, openSnapshot, draft, prove);
    },
    restore: async (file, weigh) =>
      restore(
        {
          address,
          countRows: () =>
            on(async (client) => {
              await checkOurs(client, address.place);
              return countRows(client);
            }),
          migrate: () => on((client) => migrate(client, address.place)),
          dropTables: () => on(dropTables),
          openSnapshot,
        },
        file,
        weigh,
      ),
    examine: async () => {
      const major = majorOf(await look());
      return on((client) => examine(readerOf(client), major));
    },
    clock: () =>
      on(async (client) => {
        const { rows } = await client.query<{ ms: bigint }>(
          'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS ms',
        );
        return Number(rows[0]?.ms ?? 0n);
      }),
  };
}

function readerOf(client: pg.ClientBase): Reader {
  const statementOf = makeStatements();
  const ask = async (sql: string, values?: readonly Value[]) => {
    try {
      return await client.query({ ...statementOf(sql), values: checked(values) });
    } catch (error) {
      throw failureOf(error);
    }
  };
  return {
    all: async <R extends Row>(sql: string, values?: readonly Value[]) =>
      (await ask(sql, values)).rows as R[],
    one: async <R extends Row>(sql: string, values?: readonly Value[]) =>
      (await ask(sql, values)).rows[0] as R | undefined,
  };
}

/** The steps of the schema that were taken; 0 when there is no table of ours. */
async function versionOf(client: pg.ClientBase): Promise<number> {
  try {
    const { rows } = await client.query<{ version: bigint }>(
      'SELECT version FROM okpay_schema WHERE one = 1',
    );
    return Number(rows[0]?.version ?? 0n);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === MISSING_TABLE) return 0;
    throw error;
  }
}

async function countRows(client: pg.ClientBase): Promise<number> {
  if ((await versionOf(client)) === 0) return 0;
  const { rows } = await client.query<{ count: bigint }>(
    'SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM transfers) AS count',
  );
  return Number(rows[0]?.count ?? 0n);
}

async function tablesOf(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`,
  );
  return rows.map(({ name }) => pg.escapeIdentifier(name));
}

/** Lets go of our own tables, and of no others. */
async function dropTables(client: pg.ClientBase): Promise<void> {
  const ours = ['okpay_schema', ...tableNames()].map((name) => pg.escapeIdentifier(name));
  await client.query(`DROP TABLE IF EXISTS ${ours.join(', ')} CASCADE`);
}

/** Throws `database_damaged` when tables with our names are there that are another program's. */
async function checkOurs(client: pg.ClientBase, path: string): Promise<void> {
  if ((await versionOf(client)) > 0) return;
  const there = await tablesOf(client);
  if (tableNames().some((name) => there.includes(pg.escapeIdentifier(name))))
    throw new Refusal('database_damaged', { path });
}

function tableNames(): string[] {
  return POSTGRES_STEPS.flatMap((step) =>
    [...step.matchAll(/CREATE TABLE (\w+)/g)].map((found) => found[1] ?? ''),
  );
}

/**
 * Reads every row of every table where it lies. Where the server keeps checksums, it compares them while it reads.
 * Indexes are compared by the extension amcheck, where somebody has installed it.
 */
async function checkPages(client: pg.ClientBase): Promise<PageCheck> {
  const { rows } = await client.query<{ sums: string; amcheck: bigint }>(
    `SELECT current_setting('data_checksums') AS sums,
      EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'amcheck') AS amcheck`,
  );
  const { sums = 'off', amcheck = 0n } = rows[0] ?? {};
  await client.query(
    `SELECT set_config('enable_indexscan', 'off', false), set_config('enable_indexonlyscan', 'off', false),
      set_config('enable_bitmapscan', 'off', false)`,
  );
  const findings: string[] = [];
  const look = async (what: string, sql: string) => {
    try {
      await client.query(sql);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError && CORRUPTED.includes(error.code ?? ''))) throw error;
      findings.push(`PostgreSQL finds in ${what}: ${error.message}.`);
    }
  };
  // As text each row is read whole, also what is stored away from it.
  for (const table of await tablesOf(client))
    await look(table, `SELECT SUM(LENGTH(t::text)) FROM ${table} t`);
  if (amcheck === 1n)
    await look(
      'an index',
      `SELECT bt_index_check(i.indexrelid, true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_am a ON a.oid = c.relam
        WHERE n.nspname = current_schema() AND a.amname = 'btree'`,
    );
  const indexes =
    amcheck === 1n
      ? ', and every index (amcheck)'
      : '; indexes are compared where the extension amcheck is installed';
  return { how: `every row of every table (checksums: ${sums})${indexes}`, findings };
}
