import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHarness, type Harness, type Holder } from '../harness.ts';
import { audit, balanceOf, person } from '../service/money/wallet.ts';
import { runOn } from './run-on.ts';

let harness: Harness;
let folder: string;
let alice: Holder;
let staff: Holder;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'okpay-bank-days-'));
  harness = await openHarness();
  alice = await person(harness, 'alice');
  staff = await person(harness, 'staff', 'senior');
});
afterEach(async () => {
  await audit(harness);
  await harness.close();
  rmSync(folder, { recursive: true, force: true });
});

const okpay = (line: string, { token } = staff) =>
  runOn(harness.service, { home: folder, token }, line.split(' '));
const json = <T>(text: string): T => JSON.parse(text) as T;
const referenceOf = async ({ client }: Holder) =>
  (await client.call('get-deposit-instructions', {})).reference;

/** A day at the bank; the files it wrote. */
async function play(words: string): Promise<string[]> {
  const played = await okpay(`dev bank ${words} --folder ${folder}/bank --json`);
  expect(played).toMatchObject({ exitCode: 0 });
  const told = json<{ rehearsal: boolean; files: { file: string }[] }>(played.stdout);
  expect(told.rehearsal).toBe(true);
  return told.files.map(({ file }) => file);
}

test('a day of the bank to rehearse with is imported, and bank and book agree', async () => {
  const [statement = ''] = await play(`--credit ${await referenceOf(alice)}:12.34`);
  expect(statSync(statement).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'bank', 'bank.json')).mode & 0o777).toBe(0o600);
  expect(readFileSync(statement, 'utf8')).toMatch(/rehears/i);
  expect(await okpay(`admin deposit import ${statement}`)).toMatchObject({ exitCode: 0 });
  expect(await balanceOf(alice)).toBe('12.34 EUR');
  const agreed = await okpay('admin reconcile');
  expect(agreed).toMatchObject({ exitCode: 0 });
  expect(agreed.stdout).toMatch(/Difference: +0\.00 EUR/);
  expect(agreed.stdout).toContain('Reconciled');
});

test('what keeps them apart is named, with its amount, and ends with an exit code of its own', async () => {
  const reference = await referenceOf(alice);
  const [first = ''] = await play(`--credit ${reference}:10.00 --day 2026-03-02`);
  const lost = await play(`--credit ${reference}:5.00 --day 2026-03-03`);
  const [third = ''] = await play(`--credit ${reference}:1.00 --day 2026-03-04`);
  for (const file of [first, third])
    expect(await okpay(`admin deposit import ${file}`)).toMatchObject({ exitCode: 0 });
  const apart = await okpay('admin reconcile --json');
  expect(apart.exitCode).toBe(1);
  const { accounts } = json<{
    accounts: { difference: string; parts: { kind: string; amount: string }[] }[];
  }>(apart.stdout);
  expect(accounts).toMatchObject([{ difference: '5.00', parts: [{ kind: 'gap', amount: '5.00' }] }]);
  expect((await okpay('admin reconcile')).stdout).toContain('Not reconciled');
  expect(await okpay(`admin deposit import ${lost.join(' ')}`)).toMatchObject({ exitCode: 0 });
  expect(await okpay('admin reconcile')).toMatchObject({ exitCode: 0 });
  expect(await balanceOf(alice)).toBe('16.00 EUR');
});

test('a file that was cut off books nothing and says where; the bank sends it again', async () => {
  const [cut = ''] = await play(`--credit ${await referenceOf(alice)}:7.00 --fault truncate`);
  const refused = await okpay(`admin deposit import ${cut}`);
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toMatch(/[Ll]ine \d+.*Nothing was booked/);
  expect(await balanceOf(alice)).toBe('0 EUR');
});

test('what is nobody’s goes back when two people say so, and can be given to nobody from then on', async () => {
  const [statement = ''] = await play('--credit nobody:3.00 --debtor Zoe');
  await okpay(`admin deposit import ${statement}`);
  const { items } = json<{ items: { transfer: string }[] }>(
    (await okpay('admin suspense list --json')).stdout,
  );
  expect(items).toHaveLength(1);
  const asked = await okpay(`admin suspense return ${items[0]?.transfer} --reason unknown --json`);
  expect(asked).toMatchObject({ exitCode: 0 });
  const { id } = json<{ id: string }>(asked.stdout);
  const approve = `admin approval approve ${id} --reason agreed`;
  expect(await okpay(approve)).toMatchObject({ exitCode: 3 });
  const admin = await person(harness, 'admin', 'admin');
  expect(await okpay(approve, admin)).toMatchObject({ exitCode: 0 });
  // A job does what was approved. From then on it is on its way back, and nobody is given it any more.
  const returning = async () => (await okpay('admin suspense list --state returning --json')).stdout;
  await expect.poll(returning).toContain(items[0]?.transfer);
  const given = await okpay(
    `admin suspense assign ${items[0]?.transfer} --to alice@example.com --reason late`,
  );
  expect(given.exitCode).toBe(3);
});
