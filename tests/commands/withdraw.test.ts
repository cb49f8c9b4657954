import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { fund, person } from '../service/money/wallet.ts';
import {
  openPayouts,
  paidLine,
  importLines,
  statusReport,
  type Withdrawal,
} from '../service/withdrawals/payouts.ts';
import { openPaying, type Paying } from './paying.ts';
import { runOn } from './run-on.ts';

let paying: Paying;
let folder: string;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-batch-'));
  paying = await openPaying();
  const { client } = await paying.harness.staff();
  await openPayouts(paying.harness);
  await client.call('set-withdrawal-rules', { coolOffHours: 0 });
  await fund(paying.harness, paying.alice, '500');
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await paying.close();
});

const json = <T>(text: string): T => JSON.parse(text) as T;
const lost = new Refusal('outcome_unknown');
const addAccount = async () =>
  expect(await paying.line('bank add --iban NL91ABNA0417164300 --json')).toMatchObject({ exitCode: 0 });
const staff = async (words: readonly string[]) => {
  const { token } = await person(paying.harness, `staff${Math.random()}`, 'senior');
  return runOn(paying.harness.service, { home: folder, token }, words);
};

test('a withdrawal whose answer was lost is told by typing it again, and is made once', async () => {
  await addAccount();
  const first = await paying.line('withdraw 10 EUR --yes --json', {
    between: async (call, reach) => {
      const answer = await reach();
      if (call.operation === 'create-withdrawal') throw lost;
      return answer;
    },
  });
  expect(first.exitCode).toBe(10);
  expect(paying.open()).toHaveLength(1);
  const second = await paying.line('withdraw 10 EUR --yes --json');
  expect(second.exitCode).toBe(0);
  expect(json(second.stdout)).toMatchObject({ state: 'approved', fromEarlier: true });
  expect(paying.open()).toEqual([]);
  const list = json<{ withdrawals: unknown[] }>((await paying.line('withdraw list --json')).stdout);
  expect(list.withdrawals).toHaveLength(1);
});

test('one that never arrived is found out by pending', async () => {
  await addAccount();
  const first = await paying.line('withdraw 10 EUR --yes', {
    between: (call, reach) => (call.operation === 'create-withdrawal' ? Promise.reject(lost) : reach()),
  });
  expect(first.exitCode).toBe(10);
  const pending = await paying.line('pending');
  expect(pending.stdout).toContain('on its way');
  expect(pending.stdout).toMatch(/wdr_/);
  expect(paying.open()).toEqual([]);
});

test('watching ends with 0 when it was paid, 3 when it was not, 8 when it is still under way', async () => {
  await addAccount();
  const made = async () => json<Withdrawal>((await paying.line('withdraw 10 EUR --yes --json')).stdout);
  const [one, other] = [await made(), await made()];
  expect(await paying.line(`withdraw watch ${one.id} --for 0`)).toMatchObject({ exitCode: 8 });
  await paying.line(`withdraw cancel ${other.id}`);
  const cancelled = await paying.line(`withdraw watch ${other.id}`);
  expect(cancelled).toMatchObject({ exitCode: 3 });
  expect(cancelled.stderr).toContain('cancelled');
  const out = join(folder, 'files');
  expect(await staff(['admin', 'withdrawal', 'batch', '--out', out, '--reason', 'daily'])).toMatchObject({
    exitCode: 0,
  });
  await importLines(paying.harness, [paidLine(one)]);
  const paid = await paying.line(`withdraw watch ${one.id}`);
  expect(paid.exitCode).toBe(0);
  expect(paid.stderr).toContain('settled');
});

test('files for the bank are for their writer alone, never put over others, and the same when written again', async () => {
  await addAccount();
  const made = json<Withdrawal>((await paying.line('withdraw 10 EUR --yes --json')).stdout);
  const out = join(folder, 'files');
  const batch = (...words: string[]) =>
    staff(['admin', 'withdrawal', 'batch', ...words, '--reason', 'daily', '--json']);
  const { batches } = json<{ batches: { id: string; messageId: string; fileName: string }[] }>(
    (await batch('--out', out)).stdout,
  );
  const [{ id, messageId, fileName }] = batches as [(typeof batches)[number]];
  expect(readdirSync(out)).toEqual([fileName]);
  expect(statSync(out).mode & 0o777).toBe(0o700);
  expect(statSync(join(out, fileName)).mode & 0o777).toBe(0o600);
  expect(await batch('--out', out)).toMatchObject({ exitCode: 2 });
  const again = join(folder, 'again.xml');
  expect(await batch(id, '--out', again)).toMatchObject({ exitCode: 0 });
  expect(readFileSync(again)).toEqual(readFileSync(join(out, fileName)));
  expect(statSync(again).mode & 0o777).toBe(0o600);
  expect(await batch(id, '--out', again)).toMatchObject({ exitCode: 2 });
  // Nothing waits any more: no empty folder stays.
  expect(await batch('--out', join(folder, 'none'))).toMatchObject({ exitCode: 0 });
  expect(readdirSync(folder)).not.toContain('none');

  const report = join(folder, 'status.xml');
  writeFileSync(report, statusReport(messageId, [[made.id, 'RJCT', 'AC04']]));
  const taken = await staff(['admin', 'withdrawal', 'import', report]);
  expect(taken.exitCode).toBe(0);
  writeFileSync(report, '<!DOCTYPE x><x/>');
  const refused = await staff(['admin', 'withdrawal', 'import', report]);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain('Line 1: The file has a document type');
  const shown = await paying.line(`withdraw show ${made.id}`);
  expect(shown.stdout).toContain('The bank did not take it');
});
