import { spawn } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, backup } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Maintenance } from '../../../src/core/maintenance.ts';
import { KNOWN, maintenanceOf } from './maintenance-of.ts';
import { APPLICATION_ID } from '../../../src/service/store/engine/sqlite/open.ts';
import { SCHEMA_STEPS } from '../../../src/service/store/engine/sqlite/schema.ts';
import { openHarness, type Harness } from '../../harness.ts';
import { fund, send } from '../money/wallet.ts';

let harness: Harness;
let database: Maintenance;
let path: string;
let folder: string;
beforeEach(async () => {
  harness = await openHarness();
  path = harness.databaseUrl.slice('sqlite:'.length);
  folder = dirname(path);
  database = maintenanceOf(harness.databaseUrl);
});
afterEach(() => harness.close());

const refused = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string });
const inCopy = async (file: string) => maintenanceOf(`sqlite:${file}`);

async function tamper(sql: string): Promise<void> {
  const db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: false });
  db.exec(sql);
  db.close();
}

describe('the status of a database', () => {
  it('counts what is there while a service has it open, and says who has', async () => {
    const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
    await fund(harness, alice, '10.00');
    const { at } = await send(alice, bob.email, '1.00 EUR');
    const { url } = await harness.serve();
    const status = await database.status();
    expect(status).toMatchObject({
      engine: 'sqlite',
      place: path,
      state: 'current',
      schema: { found: KNOWN, known: KNOWN },
      counts: { users: 2, accounts: 3, transfers: 2, entries: 4 },
      lastTransferAt: at,
    });
    expect(status.product).toMatch(/^SQLite 3\.\d+\.\d+$/);
    expect(status.bytes).toBe(statSync(path).size);
    // Mails that are sent meanwhile are written there too.
    await expect
      .poll(async () => ((await database.status()).walBytes ?? 0) - statSync(`${path}-wal`).size)
      .toBe(0);
    expect(status.heldBy).toContain(`okpay serve (process ${process.pid})`);
    expect(url).toMatch(/^http/);
  });

  it('makes nothing where nothing is', async () => {
    const nowhere = await inCopy(join(folder, 'nowhere.db'));
    expect(await nowhere.status()).toMatchObject({ state: 'absent', schema: { found: 0 }, bytes: 0 });
    expect(readdirSync(folder).filter((name) => name.startsWith('nowhere'))).toEqual([]);
  });

  it("does not touch another program's database", async () => {
    const file = join(folder, 'other.db');
    const other = new DatabaseSync(file);
    other.exec('CREATE TABLE theirs (a); PRAGMA user_version = 1');
    other.close();
    const before = readFileSync(file);
    const theirs = await inCopy(file);
    for (const ask of [theirs.status, theirs.verify, theirs.migrate])
      await expect(ask()).rejects.toEqual(refused('database_damaged'));
    await expect(theirs.backUp(join(folder, 'copy.db'), false)).rejects.toEqual(refused('database_damaged'));
    expect(readFileSync(file)).toEqual(before);
  });

  it('says when the schema is newer than this program', async () => {
    await tamper('PRAGMA user_version = 99');
    expect(await database.status()).toMatchObject({ state: 'newer', schema: { found: 99, known: KNOWN } });
    await expect(database.verify()).rejects.toEqual(refused('database_newer'));
    await tamper(`PRAGMA user_version = ${KNOWN}`);
  });
});

describe('bringing the schema up', () => {
  it('makes a new database, private, and does nothing the second time', async () => {
    const fresh = await inCopy(join(folder, 'fresh.db'));
    expect(await fresh.migrate()).toMatchObject({ from: 0, to: KNOWN });
    expect(await fresh.migrate()).toMatchObject({ from: KNOWN, to: KNOWN });
    expect(statSync(join(folder, 'fresh.db')).mode & 0o777).toBe(0o600);
    expect((await fresh.status()).state).toBe('current');
  });

  it('takes an older one on from where it is; before, its pages can be backed up, and come back brought up', async () => {
    const file = join(folder, 'old.db');
    const old = new DatabaseSync(file);
    old.exec(`${SCHEMA_STEPS[0]}; PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = 1`);
    old.close();
    const before = await inCopy(file);
    expect(await before.status()).toMatchObject({ state: 'older', schema: { found: 1, known: KNOWN } });
    const copy = join(folder, 'old.backup');
    expect(await before.backUp(copy, false)).toMatchObject({ schema: 1, sound: true, ledgerVerified: false });
    expect(await before.migrate()).toMatchObject({ from: 1, to: KNOWN });
    const restored = await (await inCopy(join(folder, 'again.db'))).restore(copy, false);
    expect(restored).toMatchObject({ schema: { from: 1, to: KNOWN }, sound: true, ledgerVerified: true });
    expect(await (await inCopy(copy)).status()).toMatchObject({ state: 'older' });
  });

  it('waits for nobody who serves', async () => {
    await harness.serve();
    await expect(database.migrate()).rejects.toEqual(refused('database_held', 'okpay serve'));
  });
});

describe('a backup', () => {
  it('is one sound private file of one moment, made while money moves', async () => {
    const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
    await fund(harness, alice, '1000.00');
    let moving = true;
    let moved = 0;
    const payments = (async () => {
      for (; moving; moved += 1) await send(alice, bob.email, '0.01 EUR');
    })();
    await sleep(100);
    const file = join(folder, 'copy.db');
    const report = await database.backUp(file, false);
    moving = false;
    await payments;
    expect(report).toMatchObject({ file, engine: 'sqlite', sound: true, ledgerVerified: true, findings: [] });
    expect(report.counts?.transfers).toBeGreaterThan(1);
    expect(report.counts?.transfers).toBeLessThanOrEqual(moved + 1);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual(['copy.db']);
    expect(await (await inCopy(file)).verify()).toMatchObject({ sound: true, counts: report.counts });
    await harness.audit();
  });

  it('comes to an end however busy another process is; without a read transaction the copy begins anew again and again', async () => {
    await tamper(`CREATE TABLE filler (a TEXT); CREATE TABLE busy (n INTEGER); INSERT INTO busy VALUES (0);
      WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
      INSERT INTO filler SELECT hex(randomblob(200)) FROM n`);
    const writer = spawn(process.execPath, ['-e', BUSY, path], { stdio: ['pipe', 'pipe', 'inherit'] });
    await new Promise((resolve) => writer.stdout.once('data', resolve));
    try {
      const steps = async (begin: string, enough = Infinity): Promise<number> => {
        const source = new DatabaseSync(path, { readOnly: true });
        source.exec(begin);
        let count = 0;
        await backup(source, join(folder, `copy${begin.length}.db`), {
          rate: 100,
          // It might never come to an end.
          progress: () => void ((count += 1) > enough && writer.kill('SIGKILL')),
        });
        source.close();
        return count;
      };
      expect((await database.backUp(join(folder, 'copy.db'), false)).sound).toBe(true);
      const held = await steps('BEGIN; SELECT 1 FROM sqlite_schema');
      expect(await steps('', 3 * held)).toBeGreaterThan(held);
    } finally {
      writer.kill('SIGKILL');
    }
    await tamper('DROP TABLE filler; DROP TABLE busy');
  });

  it('never goes over what is there, unless told to', async () => {
    const file = join(folder, 'copy.db');
    writeFileSync(file, 'precious');
    await expect(database.backUp(file, false)).rejects.toEqual(refused('usage_invalid', '--force'));
    expect(readFileSync(file, 'utf8')).toBe('precious');
    expect((await database.backUp(file, true)).sound).toBe(true);
    symlinkSync(path, join(folder, 'link.db'));
    mkdirSync(join(folder, 'folder.db'));
    for (const name of ['link.db', 'folder.db', 'okpay.db-wal/x'])
      await expect(database.backUp(join(folder, name), true)).rejects.toEqual(refused('usage_invalid'));
    expect((await database.status()).state).toBe('current');
  });

  it('is made once when two are made at the same time (ASVS V15.4.2)', async () => {
    const file = join(folder, 'copy.db');
    const [one, other] = await Promise.allSettled([
      database.backUp(file, false),
      database.backUp(file, false),
    ]);
    expect([one.status, other.status].sort()).toEqual(['fulfilled', 'rejected']);
    expect((await (await inCopy(file)).verify()).sound).toBe(true);
    expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('of books that are not sound is written, and said to be so', async () => {
    const alice = await harness.holder('alice');
    await fund(harness, alice, '10.00');
    await tamper(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
    const file = join(folder, 'copy.db');
    await expect(database.backUp(file, false)).rejects.toEqual(refused('backup_unsound', alice.id));
    expect(existsSync(file)).toBe(true);
    await expect(database.verify()).rejects.toEqual(refused('database_unsound', alice.id));
  });

  it('of a file whose pages are damaged is not written', async () => {
    await harness.holder('alice');
    const [good, bad] = [join(folder, 'good.db'), join(folder, 'bad.db')];
    await database.backUp(good, false);
    copyFileSync(good, bad);
    damageIndex(bad);
    const damaged = await inCopy(bad);
    await expect(damaged.verify()).rejects.toEqual(refused('database_unsound', 'SQLite finds'));
    const file = join(folder, 'copy.db');
    await expect(damaged.backUp(file, false)).rejects.toEqual(refused('database_unsound', 'SQLite finds'));
    expect(readdirSync(folder).filter((name) => name.startsWith('copy'))).toEqual([]);
    // The very same file without the damage passes.
    expect((await (await inCopy(good)).backUp(file, false)).sound).toBe(true);
  });

  it('is none of what is not there', async () => {
    const nowhere = await inCopy(join(folder, 'nowhere.db'));
    await expect(nowhere.backUp(join(folder, 'copy.db'), false)).rejects.toEqual(refused('not_found'));
  });
});

/** Another process: commits as fast as it can until it is ended, or whoever started it is gone. */
const BUSY = `
  process.stdin.resume().on('close', () => process.exit());
  const { DatabaseSync } = require('node:sqlite');
  const db = new DatabaseSync(process.argv[1], { timeout: 5000 });
  db.exec('PRAGMA synchronous = OFF');
  process.stdout.write('ready');
  const work = () => { for (let i = 0; i < 20; i++) db.exec('UPDATE busy SET n = n + 1'); setImmediate(work); };
  work();`;

/** Changes one byte of a row in an index, as a failing disk may. */
function damageIndex(file: string): void {
  const db = new DatabaseSync(file);
  const row = db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'sessions_by_user'`).get();
  const size = db.prepare('PRAGMA page_size').get();
  db.close();
  const bytes = readFileSync(file);
  const last = Number(row?.['rootpage']) * Number(size?.['page_size']) - 1;
  bytes.writeUInt8(bytes.readUInt8(last) ^ 0xff, last);
  writeFileSync(file, bytes);
}
