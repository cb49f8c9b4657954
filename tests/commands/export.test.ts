import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { recordsAbout } from '../../src/service/store/audit-log.ts';
import { recordsOf, rowsOf } from '../csv-records.ts';
import { openHarness, type Harness, type Holder } from '../harness.ts';
import { audit, fund, person } from '../service/money/wallet.ts';
import { runOn } from './run-on.ts';

const BINARY = resolve(import.meta.dirname, '../../bin/okpay.js');

let home: string;
let harness: Harness;
let senior: Holder;
let alice: Holder;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'okpay-export-'));
  // The real time: the spawned okpay looks at the same clock.
  harness = await openHarness({ startAt: Date.now() });
  [senior, alice] = [await person(harness, 'sam', 'senior'), await person(harness, 'alice')];
  await fund(harness, alice, '12.50');
});
afterEach(async () => {
  await audit(harness);
  await harness.close();
  rmSync(home, { recursive: true });
});

const okpay = (...words: string[]) =>
  runOn(harness.service, { home: join(home, 'cli'), token: senior.token }, ['admin', 'export', ...words]);
const recorded = async (subject: string) => {
  const found = await recordsAbout(harness.service.deps.engine, subject, { limit: 9 });
  return found.map(({ action, reason }) => `${action}: ${reason}`);
};

const REASON = ['--reason', 'Case 17'];
const KINDS: [string, ...string[]][] = [['transactions'], ['audit'], ['journal', '--format', 'csv']];

describe.each(KINDS)('okpay admin export %s', (...words) => {
  test('goes to stdout, or into a file for the user alone that is never put in the place of another', async () => {
    const path = join(home, 'rows.csv');
    const shown = await okpay(...words, ...REASON);
    expect([shown.exitCode, shown.stderr]).toEqual([0, '']);
    expect(recordsOf(shown.stdout).length).toBeGreaterThan(1);
    const { exitCode, stdout } = await okpay(...words, ...REASON, '--out', path, '--json');
    expect([exitCode, JSON.parse(stdout)]).toEqual([0, { file: path, format: 'csv' }]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(recordsOf(readFileSync(path, 'utf8')).length).toBeGreaterThan(1);
    writeFileSync(path, 'something else');
    expect((await okpay(...words, ...REASON, '--out', path)).exitCode).toBe(2);
    expect(readFileSync(path, 'utf8')).toBe('something else');
    expect((await okpay(...words, ...REASON, '--out', path, '--force')).exitCode).toBe(0);
    expect(recordsOf(readFileSync(path, 'utf8')).length).toBeGreaterThan(1);
    expect(readdirSync(home).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('follows no link and writes into nothing that is no file, and then nothing is recorded (ASVS V5.3.2)', async () => {
    const places = ['link', 'dangling', 'folder', 'pipe'].map((name) => join(home, name));
    const [link = '', dangling = '', folder = '', pipe = ''] = places;
    writeFileSync(join(home, 'precious'), 'precious');
    symlinkSync(join(home, 'precious'), link);
    symlinkSync(join(home, 'nowhere'), dangling);
    mkdirSync(folder);
    execFileSync('mkfifo', [pipe]);
    for (const place of places)
      for (const force of [[], ['--force']])
        expect((await okpay(...words, ...REASON, '--out', place, ...force)).exitCode).toBe(2);
    expect(readFileSync(join(home, 'precious'), 'utf8')).toBe('precious');
    expect(existsSync(join(home, 'nowhere'))).toBe(false);
    expect(readdirSync(home).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(await recorded(senior.id)).toEqual([]);
  });

  test('needs a reason, which is never asked for where nobody is', async () => {
    const { exitCode, stderr } = await okpay(...words);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining('--reason is needed')]);
  });

  test('with --json and no file says how to get what', async () => {
    const { exitCode, stdout } = await okpay(...words, ...REASON, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'usage_invalid' } });
  });
});

describe('okpay admin export transactions', () => {
  test('takes a holder, a currency, days of the offset, and a format', async () => {
    const at = new Date(harness.clock.now() + 2 * 3_600_000).toISOString();
    const day = at.slice(0, 10);
    const flags = ['--holder', alice.email, '--currency', 'eur', '--since', day, '--until', day];
    const { stdout } = await okpay('transactions', ...REASON, ...flags, '--offset', '+02:00');
    expect(rowsOf(stdout)).toMatchObject([{ at: `${at.slice(0, -1)}+02:00`, amount: '12.50' }]);
    const lines = await okpay('transactions', ...REASON, '--format', 'jsonl', '--until', '2020-01-01');
    expect([lines.exitCode, lines.stdout]).toEqual([0, '']);
    expect(await recorded(alice.id)).toEqual(['transactions-exported: Case 17']);
  });

  test.each([
    ['--offset', '2'],
    ['--offset', '+25:00'],
    ['--offset', '+14:30'],
    ['--since', 'yesterday'],
    ['--currency', 'XXX'],
    ['--format', 'xlsx'],
  ])('refuses %s %s', async (flag, value) => {
    expect((await okpay('transactions', ...REASON, flag, value)).exitCode).toBe(2);
  });
});

describe('okpay admin export account', () => {
  test('is a folder that sha256sum accepts, and refuses when a byte is changed', async () => {
    const path = join(home, 'evidence');
    const { exitCode, stdout } = await okpay('account', alice.email, ...REASON, '--out', path);
    expect([exitCode, stdout]).toEqual([0, expect.stringContaining('sha256sum -c SHA256SUMS')]);
    const check = () =>
      execFileSync('sha256sum', ['-c', '--quiet', 'SHA256SUMS'], {
        cwd: path,
        encoding: 'utf8',
        stdio: 'pipe',
      });
    expect(check()).toBe('');
    expect(statSync(path).mode & 0o777).toBe(0o700);
    for (const file of readdirSync(path)) expect(statSync(join(path, file)).mode & 0o777).toBe(0o600);
    const file = join(path, 'transactions.jsonl');
    writeFileSync(file, readFileSync(file, 'utf8').replace('12.50', '12.51'));
    expect(check).toThrow();
    expect(await recorded(alice.id)).toEqual(['account-exported: Case 17']);
  });

  test('replaces nothing, and leaves nothing when it is refused', async () => {
    const path = join(home, 'evidence');
    mkdirSync(path);
    expect((await okpay('account', alice.email, ...REASON, '--out', path)).exitCode).toBe(2);
    expect(readdirSync(path)).toEqual([]);
    rmSync(path, { recursive: true });
    expect((await okpay('account', 'nobody@example.com', ...REASON, '--out', path)).exitCode).toBe(5);
    expect(readdirSync(home).filter((name) => name !== 'cli')).toEqual([]);
    expect(await recorded(alice.id)).toEqual([]);
  });
});

describe('Ctrl-C in the middle of an export', () => {
  test.each([
    ['a file', ['transactions', '--format', 'jsonl'], 'transactions-exported: Case 17'],
    ['a folder', ['account', 'alice@example.com'], 'account-exported: Case 17'],
  ])(
    'leaves no half of %s, and the record of it',
    async (_, words, told) => {
      const { engine } = harness.service.deps;
      const out = join(home, 'out');
      for (let at = 0; at < 300; at++) await fund(harness, alice, '1');
      const { url } = await harness.serve();
      slowDown(harness);
      const started = spawn(
        process.execPath,
        [BINARY, 'admin', 'export', ...words, ...REASON, '--out', out],
        {
          env: { ...process.env, OKPAY_HOME: join(home, 'cli'), OKPAY_URL: url, OKPAY_TOKEN: senior.token },
          stdio: 'ignore',
        },
      );
      const half = () => readdirSync(home).filter((name) => name.startsWith('.out.'));
      await expect.poll(half, { timeout: 20_000 }).toHaveLength(1);
      await expect.poll(() => sizeOf(join(home, half()[0] ?? '')), { timeout: 20_000 }).toBeGreaterThan(0);
      started.kill('SIGINT');
      const [code] = (await once(started, 'exit')) as [number];
      expect(code).toBe(130);
      expect([half(), existsSync(out)]).toEqual([[], false]);
      const subject = words[0] === 'account' ? alice.id : senior.id;
      const records = await recordsAbout(engine, subject, { limit: 9 });
      expect(records.map(({ action, reason }) => `${action}: ${reason}`)).toContain(told);
    },
    60_000,
  );

  /** Lets a stream out go on only piece by piece, with a rest after the first that never ends. */
  function slowDown({ service }: Harness): void {
    const { perform } = service;
    Object.assign(service, {
      perform: async (...call: Parameters<typeof perform>) => {
        const answer = await perform(...call);
        if (!('text' in answer)) return answer;
        const { text } = answer;
        return {
          text: (async function* () {
            let bytes = 0;
            for await (const piece of text) {
              yield piece;
              bytes += piece.length;
              if (bytes > 1_000) await new Promise((rest) => setTimeout(rest, 60_000).unref());
            }
          })(),
        };
      },
    });
  }

  /** Of a file, or of all files in a folder. */
  function sizeOf(path: string): number {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found?.isDirectory()) return found?.size ?? 0;
    return readdirSync(path).reduce(
      (sum, name) => sum + (statSync(join(path, name), { throwIfNoEntry: false })?.size ?? 0),
      0,
    );
  }
});
