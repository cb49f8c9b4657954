import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Maintenance } from '../../../src/core/maintenance.ts';
import { openKeyring } from '../../../src/service/identity/keyring.ts';
import { openMaintenance } from '../../../src/service/maintenance/open.ts';
import { readPostgresUrl } from '../../../src/service/store/engine/postgres/url.ts';
import { runOn } from '../../../src/service/store/engine/postgres/programs.ts';
import { openHarness, type EngineUnderTest, type Harness } from '../../harness.ts';
import { startPostgres, type PostgresServer } from '../../postgres.ts';
import { bareDatabase, dropDatabase } from '../../shared-postgres.ts';
import { fund, send } from '../money/wallet.ts';
import { KNOWN, maintenanceOf } from './maintenance-of.ts';

const refused = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-maintenance-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a PostgreSQL database', () => {
  let url: string;
  let database: Maintenance;
  beforeEach(async () => {
    url = await bareDatabase();
    database = maintenanceOf(url);
  });
  afterEach(() => dropDatabase(url));
  const ask = async (sql: string) => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: url.replace('@/', '@localhost/') });
    await client.connect();
    try {
      return (await client.query(sql)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  };

  it('is looked at, brought up, and read whole', async () => {
    expect(await database.status()).toMatchObject({
      engine: 'postgres',
      state: 'absent',
      schema: { found: 0 },
    });
    expect(await database.migrate()).toMatchObject({ from: 0, to: KNOWN });
    expect(await database.migrate()).toMatchObject({ from: KNOWN, to: KNOWN });
    const status = await database.status();
    expect(status).toMatchObject({ state: 'current', counts: { users: 0, transfers: 0 } });
    expect(status.product).toMatch(/^PostgreSQL \d+/);
    expect(status.bytes).toBeGreaterThan(0);
    const { sound, pages } = await database.verify();
    expect(sound).toBe(true);
    expect(pages).toMatch(/^every row of every table \(checksums: (on|off)\)/);
  });

  it('is examined without a secret in what is said', async () => {
    await database.migrate();
    const checks = await database.examine();
    expect(
      checks
        .filter(({ name }) => name === 'database')
        .map(({ found }) => found)
        .join('\n'),
    ).toMatch(/PostgreSQL \d+.* at postgres:\/\/.*schema \d+/);
    // The servers of the tests run without fsync, which is what the doctor is there to see.
    expect(checks.filter(({ state }) => state === 'problem').map(({ found }) => found)).toEqual([
      expect.stringContaining('fsync is off'),
      expect.stringContaining('full_page_writes is off'),
    ]);
    expect(checks.find(({ name }) => name === 'clock')).toMatchObject({ state: 'ok' });
    const off = await maintenanceOf(url, () => Date.now() - 3_600_000).examine();
    expect(off.find(({ name }) => name === 'clock')).toMatchObject({ state: 'problem' });
  });

  it('has to be told where the keys are, which the doctor looks at and does not make', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-keys-'));
    const settings = { databaseUrl: url, outboxDirectory: folder, publicUrl: 'http://127.0.0.1:7227' };
    const keysPath = join(folder, 'okpay.keys');
    const keys = async (more = {}) =>
      (await openMaintenance({ ...settings, ...more }).examine()).find(({ name }) => name === 'keys');
    try {
      expect(await keys()).toMatchObject({
        state: 'problem',
        found: expect.stringContaining('OKPAY_KEYS is not set'),
      });
      expect(await keys({ keysPath })).toMatchObject({
        state: 'ok',
        found: expect.stringContaining('first needed'),
      });
      expect(existsSync(keysPath)).toBe(false);
      openKeyring(keysPath).seal('x', new Uint8Array());
      expect(await keys({ keysPath })).toMatchObject({
        state: 'ok',
        found: expect.stringContaining('can be used'),
      });
      chmodSync(keysPath, 0o644);
      expect(await keys({ keysPath })).toMatchObject({ state: 'problem' });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is served by a login that may not make tables, once one that may has brought it up', async () => {
    const login = `clerk_of_${new URL(url).pathname.slice(1)}`;
    await ask(`CREATE ROLE ${login} LOGIN`);
    const theirs = maintenanceOf(url.replace('user=okpay', `user=${login}`));
    await expect(theirs.migrate()).rejects.toEqual(refused('database_older', 'may not change tables'));
    await database.migrate();
    await ask(`GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ${login}`);
    expect(await theirs.migrate()).toMatchObject({ from: KNOWN, to: KNOWN });
    await ask('UPDATE okpay_schema SET version = 1');
    await expect(theirs.migrate()).rejects.toEqual(refused('database_older', 'schema 1'));
    await ask(`DROP OWNED BY ${login}; DROP ROLE ${login}`);
  });

  it("is left alone when it is another program's", async () => {
    await ask('CREATE TABLE users (theirs TEXT)');
    await ask(`INSERT INTO users VALUES ('precious')`);
    const file = join(folder, 'copy.dump');
    writeFileSync(file, 'PGDMP');
    await expect(database.migrate()).rejects.toEqual(refused('database_damaged'));
    await expect(database.restore(file, true)).rejects.toMatchObject({ name: 'Refusal' });
    expect(await ask('SELECT theirs FROM users')).toEqual([{ theirs: 'precious' }]);
  });

  it('cannot be backed up without pg_dump, or with one that is older than the server', async () => {
    await database.migrate();
    const file = join(folder, 'copy.dump');
    const { PATH } = process.env;
    try {
      process.env['PATH'] = folder;
      await expect(database.backUp(file, false)).rejects.toEqual(
        refused('program_missing', 'postgresql-client'),
      );
      writeFileSync(join(folder, 'pg_dump'), '#!/bin/sh\necho "pg_dump (PostgreSQL) 9.6"\n', { mode: 0o755 });
      await expect(database.backUp(file, false)).rejects.toEqual(refused('program_missing', 'version 9'));
    } finally {
      process.env['PATH'] = PATH;
    }
    expect(existsSync(file)).toBe(false);
    expect(readdirSync(folder)).toEqual(['pg_dump']);
  });
});

/** Debian's programs, with a server of the same version; the ones from npm have no pg_dump. */
const DEBIAN = '/usr/lib/postgresql/15/bin';
const hasPrograms = existsSync(join(DEBIAN, 'pg_dump')) && existsSync(join(DEBIAN, 'initdb'));

describe.skipIf(!hasPrograms)('a PostgreSQL backup', () => {
  let server: PostgresServer;
  let engine: EngineUnderTest;
  let harness: Harness;
  let database: Maintenance;
  let count = 0;
  const { PATH } = process.env;
  beforeAll(async () => {
    server = await startPostgres({ binaries: DEBIAN });
    engine = {
      name: 'postgres',
      makeUrl: () => server.createDatabase(`b${++count}`),
      discard: async () => undefined,
    };
    process.env['PATH'] = `${DEBIAN}:${PATH}`;
  });
  afterAll(async () => {
    process.env['PATH'] = PATH;
    await server.stop();
  });
  beforeEach(async () => {
    harness = await openHarness({ engine });
    database = maintenanceOf(harness.databaseUrl);
  });
  afterEach(() => harness.close());

  const filled = async () => {
    const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
    await fund(harness, alice, '100.00');
    return { alice, bob };
  };

  it('is one moment, proved, made while money moves, and comes back whole', async () => {
    const { alice, bob } = await filled();
    let moving = true;
    let moved = 0;
    const payments = (async () => {
      for (; moving; moved += 1) await send(alice, bob.email, '0.01 EUR');
    })();
    await sleep(200);
    const file = join(folder, 'copy.dump');
    const report = await database.backUp(file, false);
    moving = false;
    await payments;
    expect(report).toMatchObject({ engine: 'postgres', schema: KNOWN, sound: true, ledgerVerified: true });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).subarray(0, 5).toString()).toBe('PGDMP');
    expect(readdirSync(folder)).toEqual(['copy.dump']);
    const transfers = report.counts?.transfers ?? 0;
    expect(transfers).toBeGreaterThan(1);
    expect(transfers).toBeLessThanOrEqual(moved + 1);

    const url = await server.createDatabase('restored');
    const restored = await maintenanceOf(url).restore(file, false);
    expect(restored).toMatchObject({ sound: true, ledgerVerified: true, counts: report.counts });
    expect(await maintenanceOf(url).verify()).toMatchObject({ sound: true, counts: report.counts });
    await harness.audit();
  });

  it('goes into an empty database only', async () => {
    await filled();
    const file = join(folder, 'copy.dump');
    await database.backUp(file, false);
    for (const force of [false, true])
      await expect(database.restore(file, force)).rejects.toEqual(refused('database_not_empty', 'createdb'));
    await harness.audit();
    const url = await server.createDatabase('migrated');
    await maintenanceOf(url).migrate();
    expect((await maintenanceOf(url).restore(file, false)).sound).toBe(true);
  });

  it('that is none is refused, and the database stays empty', async () => {
    await filled();
    const file = join(folder, 'copy.dump');
    await database.backUp(file, false);
    const url = await server.createDatabase('empty');
    const empty = maintenanceOf(url);
    const cut = join(folder, 'cut.dump');
    copyFileSync(file, cut);
    truncateSync(cut, statSync(file).size - 2_000);
    const text = join(folder, 'text');
    writeFileSync(text, 'hello');
    const other = join(folder, 'other.dump');
    execFileSync('pg_dump', [
      '--format=custom',
      '--table=users',
      `--file=${other}`,
      '--host',
      server.folder,
      '--username=okpay',
      new URL(harness.databaseUrl).pathname.slice(1),
    ]);
    for (const bad of [cut, text, other, join(folder, 'none')])
      await expect(empty.restore(bad, true)).rejects.toEqual(refused('backup_unusable'));
    expect((await empty.status()).state).toBe('absent');
  });

  it('of books that are not sound is told, and only comes back by force', async () => {
    const { alice } = await filled();
    await harness.service.deps.engine.transact((tx) =>
      tx.run(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`),
    );
    const file = join(folder, 'copy.dump');
    await expect(database.backUp(file, false)).rejects.toEqual(refused('backup_unsound', alice.id));
    const unsound = maintenanceOf(await server.createDatabase('unsound'));
    await expect(unsound.restore(file, false)).rejects.toEqual(refused('backup_unusable', 'not sound'));
    expect((await unsound.status()).state).toBe('absent');
    expect((await unsound.restore(file, true)).sound).toBe(false);
  });
});

describe('a program of PostgreSQL', () => {
  it('gets the password by a file of its own, and neither by arguments nor by environment', async () => {
    writeFileSync(
      join(folder, 'pg_dump'),
      '#!/bin/sh\necho "$@"; env; stat -c %a "$PGPASSFILE"; cat "$PGPASSFILE" > "$HOME/seen"; tr "\\0" " " < /proc/$$/cmdline\n',
      { mode: 0o755 },
    );
    const { PATH, HOME } = process.env;
    process.env['PATH'] = `${folder}:${PATH}`;
    process.env['HOME'] = folder;
    process.env['OKPAY_CANARY'] = 'canary';
    try {
      const address = readPostgresUrl('postgres://ann:can%3Aa%5Cry@127.0.0.1:1,127.0.0.2:2/books');
      const said = await runOn(address, 'pg_dump', 18, ['--file=x']);
      expect(said).not.toMatch(/can.?a.?ry/i);
      expect(said).toContain('PGHOST=127.0.0.1,127.0.0.2');
      expect(said).toContain('PGTARGETSESSIONATTRS=read-write');
      expect(said).toMatch(/^600$/m);
      expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('*:*:*:*:can\\:a\\\\ry\n');
      expect(existsSync(/PGPASSFILE=(.*)/.exec(said)?.[1] ?? '')).toBe(false);
    } finally {
      Object.assign(process.env, { PATH, HOME });
      delete process.env['OKPAY_CANARY'];
    }
  });
});
