import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Holder } from '../harness.ts';
import { dailyXml } from '../service/exchange/rates-file.ts';
import { document, openPaying, type Paying } from './paying.ts';

let paying: Paying;
let olga: Holder;
beforeEach(async () => {
  paying = await openPaying();
  olga = await paying.harness.staff('admin');
});
afterEach(() => paying.close());

const admin = async (line: string) => {
  const outcome = await paying.line(`admin ${line}`, { as: olga, columns: 160 });
  return {
    ...outcome,
    stdout: stripVTControlCharacters(outcome.stdout),
    stderr: stripVTControlCharacters(outcome.stderr),
  };
};
function file(name: string, text: string): string {
  const path = join(paying.home, name);
  writeFileSync(path, text);
  return path;
}

test('rates are imported, listed, and refused with file, line and reason', async () => {
  const good = file('good.xml', dailyXml('2026-02-27', { USD: '1.25', BGN: '1.9558' }));
  const first = await admin(`rates import ${good}`);
  expect([first.exitCode, first.stdout]).toEqual([
    0,
    [
      'Source:                         ECB',
      'Days:                           2026-02-27',
      'Added:                          1',
      'There already:                  0',
      'Of currencies that are no more: 1',
      '',
    ].join('\n'),
  ]);
  expect((await admin('rates list')).stdout).toMatch(/USD +1\.25 +2026-02-27 .* good +ECB/);
  const bad = file('bad.csv', 'Date,USD\n2026-02-27,x\n');
  const second = await admin(`rates import ${good} ${bad}`);
  expect([second.exitCode, second.stderr]).toEqual([
    2,
    `Imported before this: ${good}.\n${bad}, line 2: “x” is not a rate. Nothing was imported.\n`,
  ]);
  expect((await admin('rates import nowhere.xml')).stderr).toContain('cannot be read (ENOENT)');
  expect((await admin(`rates import ${good} --good-for 3x`)).stderr).toContain(
    '--good-for takes hours or days',
  );
});

test('a rate that jumped says what to do, and setting one by hand says who decides', async () => {
  await admin(`rates import ${file('a.xml', dailyXml('2026-02-26', { USD: '1.25' }))}`);
  const jumped = await admin(`rates import ${file('b.xml', dailyXml('2026-02-27', { USD: '1.50' }))}`);
  expect(jumped.stdout).toContain(
    'USD jumped from 1.25 to 1.50: no price is made of it until two people set one.',
  );
  expect(jumped.stdout).toContain('okpay admin rates set USD 1.50 --good-for 1d');
  const asked = await admin('rates set USD 1.50 --good-for 1d --reason ECB');
  expect(asked.stdout).toContain('It waits for a second person.');
  expect((await admin('rates set USD 1.50 --reason ECB')).exitCode).toBe(2);
  expect((await admin('rates fetch')).stderr).toContain('OKPAY_RATES_URL is not set');
});

test('spreads are set for all and for a pair', async () => {
  expect((await admin('spread list')).stdout).toMatch(/all others +0\.50 % +always/);
  expect(document(await admin('spread set 1.25 --between USD EUR --json'))).toMatchObject({
    one: 'EUR',
    other: 'USD',
    basisPoints: 125,
  });
  await admin('spread set 0');
  expect((await admin('spread list')).stdout).toMatch(/all others +0\.00 %[^]*EUR and USD +1\.25 %/);
  expect((await admin('spread set 1 --between USD')).stderr).toContain('takes two currencies');
  expect((await admin('spread set 1.234')).stderr).toContain('takes a number such as 1.25');
});
