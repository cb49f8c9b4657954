import pg from 'pg';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Claims } from '../../../../src/service/store/engine/claims.ts';
import type { Engine } from '../../../../src/service/store/engine/engine.ts';
import { postgresClaims } from '../../../../src/service/store/engine/postgres/claims.ts';
import { openPostgres } from '../../../../src/service/store/engine/postgres/open.ts';
import { dropDatabase, newDatabase } from '../../../shared-postgres.ts';

const EVENTS = 4_000;
const NOW = '2026-11-27T00:00:00.000Z';
const WAIT = { timeout: 20_000, interval: 100 };

let url: string;
let engine: Engine;
let client: pg.Client;
beforeEach(async () => {
  url = await newDatabase();
  engine = await openPostgres({ url });
  client = new pg.Client({ connectionString: url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await engine.close();
  await dropDatabase(url);
});

const claim = async (claims: Claims): Promise<string[]> => {
  const wanted = { by: 'nod_1', prefix: '', now: NOW, limit: 25, leaseMs: 60_000 };
  return (await claims.claimEvents(wanted)).map(({ id }) => id);
};

/** How many rows of the outbox were read so far, in whatever way. */
const rowsRead = async (): Promise<number> => {
  const { rows } = await client.query<{ rows: string }>(
    `SELECT t.seq_tup_read + SUM(i.idx_tup_read) AS rows FROM pg_stat_user_tables t
      JOIN pg_stat_user_indexes i ON i.relid = t.relid WHERE t.relname = 'outbox' GROUP BY t.seq_tup_read`,
  );
  return Number(rows[0]?.rows);
};

/** Claims while the outbox is empty, fills it, and claims again. The statistics then still say that it is empty. */
async function claimBeforeAndAfter(claims: Claims): Promise<string[]> {
  await client.query('ALTER TABLE outbox SET (autovacuum_enabled = false)');
  // From the sixth time on a plan may be kept.
  for (let times = 0; times < 6; times++) expect(await claim(claims)).toEqual([]);
  await client.query(
    `INSERT INTO outbox (id, kind, payload, run_at)
      SELECT 'evt_' || lpad(n::text, 6, '0'), 'none', '{}', '2026-11-26' FROM generate_series(1, ${EVENTS}) n`,
  );
  return claim(claims);
}

const first = Array.from({ length: 25 }, (_, at) => `evt_${String(at + 1).padStart(6, '0')}`);

test('a claim does not look at the whole outbox, whatever the statistics say of it', async () => {
  expect(await claimBeforeAndAfter(engine.claims)).toEqual(first);
  // What a connection has done is told when it ends.
  await engine.close();
  await vi.waitFor(async () => expect(await rowsRead()).toBeGreaterThanOrEqual(25), WAIT);
  expect(await rowsRead()).toBeLessThan(200);
  engine = await openPostgres({ url });
});

test('positive control: over any other connection it does', async () => {
  const other = new pg.Client({ connectionString: url });
  await other.connect();
  let names = 0;
  const known = new Map<string, string>();
  const ask = async (sql: string, values: readonly unknown[] = []) => {
    const text = sql.replace(/\?/g, () => `$${(names += 1)}`);
    names = 0;
    if (!known.has(text)) known.set(text, `n${known.size}`);
    return (await other.query({ name: known.get(text), text, values: [...values] })).rows;
  };
  const claims = postgresClaims({
    all: ask,
    one: async () => undefined,
  });
  expect(await claimBeforeAndAfter(claims)).toEqual(first);
  await other.end();
  await vi.waitFor(async () => expect(await rowsRead()).toBeGreaterThanOrEqual(EVENTS), WAIT);
});
