import { execa } from 'execa';
import {
  copyFileSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Maintenance } from '../../../src/core/maintenance.ts';
import { openService } from '../../../src/service/app.ts';
import { KNOWN, maintenanceOf } from './maintenance-of.ts';
import { openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { fund, send } from '../money/wallet.ts';

let harness: Harness;
let database: Maintenance;
let folder: string;
let alice: Holder;
let bob: Holder;
/** Two users, alice has 10.00 EUR. */
let early: string;
/** The same later: alice has paid bob three times. */
let late: string;

beforeEach(async () => {
  harness = await openHarness();
  folder = dirname(harness.databaseUrl.slice('sqlite:'.length));
  database = maintenanceOf(harness.databaseUrl);
  [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
  await fund(harness, alice, '10.00');
  early = join(folder, 'early.backup');
  await database.backUp(early, false);
  for (let count = 0; count < 3; count++) await send(alice, bob.email, '1.00 EUR');
  late = join(folder, 'late.backup');
  await database.backUp(late, false);
});
afterEach(() => harness.close());

const refused = (code: string, text = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(text) as string });
const at = async (name: string) => maintenanceOf(`sqlite:${join(folder, name)}`);
const filesOf = (name: string) => readdirSync(folder).filter((each) => each.startsWith(name));

describe('restoring a backup', () => {
  it('where nothing is, brings everything back', async () => {
    const place = await at('new.db');
    const report = await place.restore(late, false);
    expect(report).toMatchObject({
      place: join(folder, 'new.db'),
      schema: { from: KNOWN, to: KNOWN },
      sound: true,
      ledgerVerified: true,
      counts: { users: 2, transfers: 4 },
    });
    expect(report.replaced).toBeUndefined();
    expect(statSync(join(folder, 'new.db')).mode & 0o777).toBe(0o600);
    const service = await openService({
      databaseUrl: `sqlite:${join(folder, 'new.db')}`,
      outboxDirectory: join(folder, 'new-outbox'),
      publicUrl: 'http://127.0.0.1:7227',
      now: harness.clock.now,
    });
    const call = (operation: 'log-in' | 'list-balances', input: unknown, token?: string) =>
      service.perform({ operation, input, ...(token ? { token } : {}) }, { console: true });
    const { output } = (await call('log-in', { email: bob.email, password: PASSWORD })) as {
      output: { token: string };
    };
    expect(await call('list-balances', {}, output.token)).toMatchObject({
      output: { balances: [{ balance: { amount: '3.00', currency: 'EUR' } }] },
    });
    await service.close();
    expect(filesOf('new.db.restoring')).toEqual([]);
  });

  it('needs --force where something is, and says what would be forgotten', async () => {
    const place = await at('other.db');
    await place.restore(late, false);
    const before = readFileSync(join(folder, 'other.db'));
    await expect(place.restore(early, false)).rejects.toEqual(
      refused('database_not_empty', '3 transfers would be forgotten'),
    );
    expect(readFileSync(join(folder, 'other.db'))).toEqual(before);
    expect(filesOf('other.db.re')).toEqual([]);
  });

  it('with --force keeps what was there, and counts what the backup does not know', async () => {
    const place = await at('other.db');
    await place.restore(late, false);
    const { replaced, counts } = await place.restore(early, true);
    expect(counts?.transfers).toBe(1);
    expect(replaced).toMatchObject({ forgotten: 3, counts: { transfers: 4 } });
    const kept = maintenanceOf(`sqlite:${replaced?.keptAs}`);
    expect(await kept.verify()).toMatchObject({ sound: true, counts: { transfers: 4 } });
    // The other way round nothing is forgotten.
    expect((await place.restore(late, true)).replaced).toMatchObject({ forgotten: 0 });
  });

  it('counts by identity: as many transfers, but others', async () => {
    await (await at('branch.db')).restore(early, false);
    const branch = await openHarness({
      settings: { databaseUrl: `sqlite:${join(folder, 'branch.db')}`, outboxDirectory: join(folder, 'out') },
    });
    for (let count = 0; count < 3; count++) await fund(branch, alice, '1.00');
    await branch.close();
    const { replaced } = await (await at('branch.db')).restore(late, true);
    expect(replaced).toMatchObject({ forgotten: 3, counts: { transfers: 4 } });
  });

  it('leaves a database alone that somebody works on', async () => {
    await harness.serve();
    await expect(database.restore(early, true)).rejects.toEqual(refused('database_held', 'okpay serve'));
    await harness.audit();
  });

  it('does not take the log of the old database for the new one', async () => {
    // As after a crash: the newest commits are in the log only.
    const path = join(folder, 'crashed.db');
    const live = harness.databaseUrl.slice('sqlite:'.length);
    const crash = (name: string) => {
      for (const end of ['', '-wal']) copyFileSync(`${live}${end}`, join(folder, `${name}${end}`));
    };
    crash('crashed.db');
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const place = await at('crashed.db');
    const { replaced } = await place.restore(early, true);
    expect(replaced).toMatchObject({ forgotten: 3 });
    expect(await place.verify()).toMatchObject({ sound: true, counts: { transfers: 1 } });
    // Had the log stayed beside the new file, there would be something else in it.
    crash('control.db');
    copyFileSync(early, join(folder, 'control.new'));
    const header = new DatabaseSync(join(folder, 'control.new'));
    header.exec('PRAGMA journal_mode = WAL');
    header.close();
    renameSync(join(folder, 'control.new'), join(folder, 'control.db'));
    const control = await at('control.db');
    const found = await control.verify().catch(() => ({ counts: undefined }));
    expect(found.counts?.transfers).not.toBe(1);
  });

  it('brings back what a damaged database had', async () => {
    writeFileSync(join(folder, 'broken.db'), 'not a database at all, but somebody may want it');
    const place = await at('broken.db');
    await expect(place.restore(late, false)).rejects.toEqual(refused('database_not_empty', 'cannot be read'));
    const { replaced } = await place.restore(late, true);
    expect(readFileSync(replaced?.keptAs ?? '', 'utf8')).toMatch(/^not a database/);
    expect((await place.verify()).sound).toBe(true);
  });
});

describe('what is no backup', () => {
  const cases: Record<string, (file: string) => void> = {
    text: (file) => writeFileSync(file, 'hello'),
    'an empty file': (file) => writeFileSync(file, ''),
    'a cut backup': (file) => {
      copyFileSync(late, file);
      truncateSync(file, statSync(late).size / 2);
    },
    'a backup with a damaged page': (file) => {
      copyFileSync(late, file);
      const bytes = readFileSync(file);
      bytes.fill(0xa5, bytes.length - 4096);
      writeFileSync(file, bytes);
    },
    "another program's database": (file) => {
      const db = new DatabaseSync(file);
      db.exec('CREATE TABLE theirs (a); PRAGMA user_version = 1');
      db.close();
    },
  };
  for (const [name, make] of Object.entries(cases)) {
    it(`is refused: ${name}`, async () => {
      const file = join(folder, 'bad.backup');
      make(file);
      const place = await at('new.db');
      await expect(place.restore(file, true)).rejects.toEqual(
        refused('backup_unusable', 'Nothing was changed.'),
      );
      expect(filesOf('new.db').filter((each) => each !== 'new.db.lock')).toEqual([]);
    });
  }

  it('is refused: one that is not there, and one of a newer okpay', async () => {
    const place = await at('new.db');
    await expect(place.restore(join(folder, 'none'), false)).rejects.toEqual(refused('backup_unusable'));
    const file = join(folder, 'newer.backup');
    copyFileSync(late, file);
    const db = new DatabaseSync(file);
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(place.restore(file, true)).rejects.toEqual(refused('database_newer'));
  });

  it('is taken with --force only, when its books are not sound', async () => {
    const file = join(folder, 'unsound.backup');
    copyFileSync(late, file);
    const db = new DatabaseSync(file);
    db.exec(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
    db.close();
    const place = await at('new.db');
    await expect(place.restore(file, false)).rejects.toEqual(refused('backup_unusable', 'not sound'));
    const report = await place.restore(file, true);
    expect(report.sound).toBe(false);
    expect(report.findings.join()).toContain(alice.id);
  });
});

describe('a restore that is killed', () => {
  const BINARY = resolve(import.meta.dirname, '../../../bin/okpay.js');

  it('leaves the old database or the new one, whole, and the next restore works', async () => {
    const place = await at('okpay-killed/okpay.db');
    const home = join(folder, 'okpay-killed');
    const restore = (file: string, force: boolean) =>
      execa(process.execPath, [BINARY, 'db', 'restore', file, ...(force ? ['--force'] : [])], {
        env: { OKPAY_HOME: home },
        reject: false,
      });
    expect((await restore(late, false)).exitCode).toBe(0);
    const full = performance.now();
    expect((await restore(early, true)).exitCode).toBe(0);
    const fullMs = performance.now() - full;
    for (let round = 0; round < 8; round++) {
      const victim = restore(round % 2 === 0 ? late : early, true);
      await sleep(fullMs * (0.3 + 0.7 * (round / 7)));
      victim.kill('SIGKILL');
      await victim;
      const { sound, counts } = await place.verify();
      expect(sound).toBe(true);
      expect([1, 4]).toContain(counts?.transfers);
    }
    expect((await restore(early, true)).exitCode).toBe(0);
    expect((await place.verify()).counts?.transfers).toBe(1);
    await harness.audit();
  });
});
