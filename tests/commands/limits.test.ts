import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openHarness, type Harness, type Holder } from '../harness.ts';
import { audit, fund, person, send } from '../service/money/wallet.ts';
import { runOn } from './run-on.ts';

let home: string;
let harness: Harness;
let admin: Holder;
let alice: Holder;
let bob: Holder;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'okpay-limits-'));
  harness = await openHarness({ startAt: Date.parse('2026-03-02T09:00:00.000Z') });
  admin = await person(harness, 'admin', 'admin');
  [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
  await fund(harness, alice, '1000');
});
afterEach(async () => {
  await audit(harness);
  await harness.close();
  rmSync(home, { recursive: true });
});

const okpay = (who: Holder, ...words: string[]) =>
  runOn(harness.service, { home: join(home, who.id), token: who.token }, words);

describe('okpay limits', () => {
  test('shows what staff have set, what is left of it, and what was refused points to it', async () => {
    expect((await okpay(alice, 'limits')).stdout).toBe(
      'Your account is at the level basic.\nIt has no limits.\n',
    );
    const set = await okpay(admin, 'admin', 'limits', 'set', 'basic', 'out', 'day', '20', '--reason', 'new');
    expect([set.exitCode, set.stderr]).toEqual([0, '']);
    expect(set.stdout).toMatch(/^basic +send +day +20\.00 EUR$/m);
    await send(alice, bob.email, '12.50 EUR');
    const shown = await okpay(alice, 'limits');
    expect(shown.stdout).toMatch(/^send +day +20\.00 EUR +12\.50 EUR +7\.50 EUR +2026-03-0\d/m);
    const refused = await okpay(alice, 'send', bob.email, '7.51', 'EUR', '--yes');
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain(
      'of the 20.00 EUR that this account may send in a day, 12.50 EUR is used',
    );
    expect(refused.stderr).toContain('Next: okpay limits');
    const moved = await okpay(admin, 'admin', 'level', 'set', alice.email, 'known', '--reason', 'papers');
    expect([moved.exitCode, moved.stderr]).toEqual([5, expect.stringContaining('There is no level “known”')]);
    await okpay(admin, 'admin', 'limits', 'set', 'known', 'out', 'day', '--none', '--reason', 'papers');
    const there = await okpay(admin, 'admin', 'level', 'set', alice.email, 'known', '--reason', 'papers');
    expect(there.stdout).toContain('is at the level known from now on; it was basic.');
    const listed = await okpay(admin, 'admin', 'limits', 'list');
    expect(listed.stdout).toMatch(/^known +anything +no limit$/m);
    expect((await okpay(alice, 'send', bob.email, '7.51', 'EUR', '--yes')).exitCode).toBe(0);
  });

  test.each([
    [['basic', 'out', 'day'], 'Say how much at most'],
    [['basic', 'out', 'day', '5', '--none'], 'With --none say no amount'],
    [['basic', 'out', 'week', '5'], 'Allowed choices are payment, day, month'],
    [['basic', 'up', 'day', '5'], 'Allowed choices are in, out, convert, withdraw'],
    [['Basic!', 'out', 'day', '5'], 'takes small letters, digits and hyphens'],
    [['basic', 'out', 'day', '5.001'], 'EUR has at most 2 decimals'],
    [['basic', 'out', 'day', '5', 'XXX'], 'not an active ISO 4217'],
  ])('admin limits set %j is told what is wrong', async (words, said) => {
    const { exitCode, stderr } = await okpay(admin, 'admin', 'limits', 'set', ...words, '--reason', 'new');
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(said)]);
  });
});

describe('okpay receipt get and okpay statement', () => {
  test('go to stdout or into a file of one’s own, as what was asked for', async () => {
    const { id } = await send(alice, bob.email, '12.50 EUR');
    const receipt = await okpay(alice, 'receipt', 'get', id);
    expect([receipt.exitCode, receipt.stderr]).toEqual([0, '']);
    expect(receipt.stdout).toMatch(/^Receipt: Payment\n/);
    expect(JSON.parse((await okpay(bob, 'receipt', 'get', id, '--json')).stdout)).toMatchObject({
      transfer: { id },
    });
    const path = join(home, 'march.html');
    const words = ['statement', '--month', '2026-03', '--format', 'html', '--out', path];
    const written = await okpay(alice, ...words, '--json');
    expect(JSON.parse(written.stdout)).toEqual({ file: path, format: 'html' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain('<h1>Statement of 2026-03</h1>');
    expect((await okpay(alice, ...words)).exitCode).toBe(2);
    const asked = ['--holder', alice.id, '--month', '2026-03', '--json', '--reason', 'Case 17'];
    const taken = await okpay(admin, 'admin', 'export', 'statement', ...asked);
    expect(taken.stdout).toBe((await okpay(alice, 'statement', '--month', '2026-03', '--json')).stdout);
  });

  test.each([
    [['statement', '--json', '--format', 'html'], 2, 'take --format json'],
    [['statement', '--month', '2026-13'], 2, 'such as 2026-10'],
    [['statement', '--month', '2026-04'], 2, 'has not begun: this one is 2026-03'],
    [['statement', '--currency', 'EURO'], 2, 'not an active ISO 4217'],
    [['receipt', 'get', 'trf_none'], 5, 'There is no transfer “trf_none”'],
  ])('%j is told what is wrong, and leaves no file', async (words, code, said) => {
    const path = join(home, 'file');
    const { exitCode, stderr, stdout } = await okpay(alice, ...words);
    expect([exitCode, stderr + stdout]).toEqual([code, expect.stringContaining(said)]);
    const { exitCode: again } = await okpay(
      alice,
      ...words.filter((word) => word !== '--json'),
      '--out',
      path,
    );
    if (!words.includes('--json')) expect(again).toBe(code);
    expect(existsSync(path)).toBe(words.includes('--json'));
  });
});
