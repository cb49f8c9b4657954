import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Engine } from '../../../src/service/store/engine/engine.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { dropDatabase, newDatabase } from '../../shared-postgres.ts';

/** The two engines side by side, each with the tables it made. */
let folder: string;
let url: string;
let sqlite: Engine;
let postgres: Engine;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-engines-'));
  url = await newDatabase();
  [sqlite, postgres] = await Promise.all([openEngine(`sqlite:${join(folder, 'okpay.db')}`), openEngine(url)]);
});
afterAll(async () => {
  await Promise.all([sqlite.close(), postgres.close()]);
  await dropDatabase(url);
  rmSync(folder, { recursive: true });
});

const names = async (engine: Engine, sql: string) =>
  (await engine.all<{ name: string }>(sql)).map(({ name }) => name);

test('have the same tables and columns, of the same types, that may be empty or not', async () => {
  const ofSqlite = await sqlite.all(
    `SELECT m.name || '.' || c.name || ' ' || c.type || CASE WHEN c."notnull" OR c.pk > 0 THEN ' NOT NULL' ELSE '' END AS name
      FROM sqlite_schema m, pragma_table_info(m.name) c WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' ORDER BY 1`,
  );
  const ofPostgres = await postgres.all(
    `SELECT table_name || '.' || column_name || ' ' || CASE data_type WHEN 'bigint' THEN 'INTEGER' ELSE upper(data_type) END
      || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND table_name <> 'okpay_schema' ORDER BY 1`,
  );
  expect(new Set(ofPostgres.map(({ name }) => name))).toEqual(new Set(ofSqlite.map(({ name }) => name)));
});

test('compare every text by its bytes', async () => {
  const columns = await names(
    postgres,
    `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
      WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'`,
  );
  expect(columns).toEqual([]);
});

test('have the same indexes', async () => {
  const ofSqlite = await names(
    sqlite,
    `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`,
  );
  const ofPostgres = await names(
    postgres,
    `SELECT indexname AS name FROM pg_indexes WHERE schemaname = 'public'
      AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key'`,
  );
  expect(ofPostgres.sort()).toEqual(ofSqlite.sort());
});

test('sort alike, whatever the letters', async () => {
  const ids = [
    'b',
    'B',
    'a',
    '_',
    '~',
    'é',
    'e',
    'Z',
    'ä',
    'я',
    'ß',
    'ss',
    '𝒳',
    '￿',
    '10',
    '9',
    'a b',
    'a_b',
    'ab',
    '',
  ];
  const sorted = [];
  for (const engine of [sqlite, postgres]) {
    await engine.transact(async (tx) => {
      for (const id of ids)
        await tx.run('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)', [
          id,
          'x',
          '{}',
          '',
        ]);
    });
    sorted.push(await names(engine, 'SELECT id AS name FROM outbox ORDER BY id'));
    expect(
      await names(engine, `SELECT id AS name FROM outbox WHERE id > 'a' AND id < 'b' ORDER BY id DESC`),
    ).toEqual(['ab', 'a_b', 'a b']);
  }
  expect(sorted[1]).toEqual(sorted[0]);
});
