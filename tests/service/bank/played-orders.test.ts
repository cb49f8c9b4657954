import { existsSync, readFileSync, readdirSync, writeFileSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { readReport } from '../../../src/service/rails/read-report.ts';
import { readStatements } from '../../../src/service/rails/read-statement.ts';
import type { StatementEntry } from '../../../src/service/rails/statement-events.ts';
import { writePayments, type PaymentVersion } from '../../../src/service/rails/write-payments.ts';
import { openHarness, type Harness } from '../../harness.ts';
import { refusalOf } from '../money/wallet.ts';
import { pieces } from './bank-day.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const FOLDER = join(DATA, 'iso20022');
const lint = execaSync('xmllint', ['--version'], { reject: false });
const missing = !existsSync(FOLDER)
  ? ` (skipped: no test data at ${DATA})`
  : lint.failed
    ? ' (skipped: no xmllint here)'
    : '';

const OURS = 'DE89370400440532013000';

let harness: Harness;
beforeAll(async () => {
  harness = await openHarness();
});
afterAll(() => harness.close());

const play = (input: Input<'play-bank'>) => harness.call('play-bank', input);
type Played = Output<'play-bank'>;

/** An order of so many payments of 1.00, 2.00 and so on. */
const order = (count: number, messageId = 'ORDER1', version: PaymentVersion = 'pain.001.001.09') => ({
  name: 'order.xml',
  xml: [
    ...writePayments({
      version,
      messageId,
      created: new Date('2026-03-02T09:00:00Z'),
      executeOn: '2026-03-02',
      debtor: { name: 'OKpay', iban: OURS },
      currency: 'EUR',
      payments: Array.from({ length: count }, (_, at) => ({
        endToEndId: `${messageId}-${at}`,
        amount: BigInt(at + 1) * 100n,
        creditorName: `Payee ${at}`,
        account: { iban: 'DE21500500009876543210' },
        isSepa: true,
      })),
    }),
  ].join(''),
});

async function entriesOf({ files }: Pick<Played, 'files'>): Promise<string[]> {
  const entries: StatementEntry[] = [];
  for (const { kind, xml } of files)
    if (kind === 'statement')
      for await (const event of readStatements(pieces(xml))) if (event.type === 'entry') entries.push(event);
  return entries.map(({ direction, amount, transactions: [one] }) =>
    [direction, String(amount.minor), one?.endToEndId, one?.returnReason].filter(Boolean).join(' '),
  );
}

async function reportsOf({ files }: Pick<Played, 'files'>) {
  const reports = [];
  for (const { kind, xml } of files) if (kind === 'report') reports.push(await readReport(pieces(xml)));
  return reports.map(({ originalMessageId, status, groups, reasons }) => ({
    of: originalMessageId,
    status,
    reasons: reasons.filter((reason) => /^[A-Z0-9]{4}$/.test(reason)),
    payments: groups.flatMap(({ payments }) => payments.map((payment) => payment.status)),
  }));
}

test('an order is accepted and paid, payment by payment, and what it knows goes back with the answer', async () => {
  const played = await play({
    orders: [order(2)],
    credits: [{ reference: 'X', amount: { amount: '9.00', currency: 'EUR' } }],
  });
  expect(await reportsOf(played)).toEqual([
    { of: 'ORDER1', status: 'ACSP', reasons: [], payments: ['ACSP', 'ACSP'] },
  ]);
  expect(await entriesOf(played)).toEqual(['debit 100 ORDER1-0', 'debit 200 ORDER1-1', 'credit 900']);
  expect(played.state).toEqual({
    day: '2026-03-02',
    accounts: [{ iban: OURS, currency: 'EUR', balance: '6.00', statements: 1 }],
    orders: ['ORDER1'],
    waiting: [],
    unsent: [],
  });
  for (const { xml } of played.files) expect(xml).toContain('to rehearse with. No money is behind it.');
});

test('an order that comes again, or lies about itself, is refused whole', async () => {
  const { state } = await play({ orders: [order(2)] });
  const again = await play({ state, orders: [order(2)] });
  expect(await reportsOf(again)).toEqual([{ of: 'ORDER1', status: 'RJCT', reasons: ['DU01'], payments: [] }]);
  expect(await entriesOf(again)).toEqual([]);
  for (const [what, lie] of [
    [/<NbOfTxs>2</, '<NbOfTxs>3<'],
    [/<CtrlSum>3.00</, '<CtrlSum>3.01<'],
  ] as const) {
    const lying = { ...order(2), xml: order(2).xml.replace(what, lie) };
    expect(await reportsOf(await play({ orders: [lying] }))).toMatchObject([
      { status: 'RJCT', reasons: ['AM10'] },
    ]);
  }
  await refusalOf(play({ orders: [{ name: 'x', xml: '<!DOCTYPE x><x/>' }] }), 'statement_invalid');
});

describe('faults', () => {
  test('delay: paid the next time', async () => {
    const played = await play({ orders: [order(1)], faults: ['delay'] });
    expect(await reportsOf(played)).toMatchObject([{ status: 'PDNG', payments: ['PDNG'] }]);
    expect(await entriesOf(played)).toEqual([]);
    expect(await entriesOf(await play({ state: played.state }))).toEqual(['debit 100 ORDER1-0']);
  });

  test('reject and partial: what is rejected is not paid', async () => {
    const rejected = await play({ orders: [order(2)], faults: ['reject'] });
    expect(await reportsOf(rejected)).toMatchObject([{ status: 'RJCT', payments: ['RJCT', 'RJCT'] }]);
    expect(await entriesOf(rejected)).toEqual([]);
    const partial = await play({ orders: [order(3)], faults: ['partial'] });
    expect(await reportsOf(partial)).toMatchObject([{ status: 'PART', payments: ['ACSP', 'RJCT', 'ACSP'] }]);
    expect(await entriesOf(partial)).toEqual(['debit 100 ORDER1-0', 'debit 300 ORDER1-2']);
  });

  test('return: what was paid comes back the next time', async () => {
    const played = await play({ orders: [order(1)], faults: ['return'] });
    expect(await entriesOf(played)).toEqual(['debit 100 ORDER1-0']);
    const next = await play({ state: played.state });
    expect(await entriesOf(next)).toEqual(['credit 100 ORDER1-0 AC04']);
    expect(next.state.accounts).toMatchObject([{ balance: '0.00' }]);
    expect(await entriesOf(await play({ state: next.state }))).toEqual([]);
  });

  test.each([
    ['duplicate', 2, 0],
    ['late', 0, 1],
    ['lose', 0, 0],
    ['truncate', 1, 1],
    ['wrong-sum', 1, 1],
  ] as const)('%s: so many statements now, and so many the next time', async (fault, now, later) => {
    const credits = [{ reference: 'X', amount: { amount: '9.00', currency: 'EUR' } }];
    const played = await play({ credits, faults: [fault] });
    expect(played.files).toHaveLength(now);
    if (later === 1 && now === 1) await expect(entriesOf(played)).rejects.toThrow(/^Line /);
    const next = await play({ state: played.state });
    expect(await entriesOf(next)).toEqual(Array.from({ length: later }, () => 'credit 900'));
    expect(next.state.unsent).toEqual([]);
  });
});

test('a day before the last one is refused', async () => {
  const { state } = await play({ day: '2026-03-05' });
  const refused = await refusalOf(play({ state, day: '2026-03-04' }), 'input_invalid');
  expect(refused.message).toContain('2026-03-05');
  expect((await play({ state })).day).toBe('2026-03-05');
});

describe.skipIf(missing)(`orders of the corpus, and the schemas${missing}`, () => {
  const files = missing ? [] : readdirSync(join(FOLDER, 'pain.001'));

  test('there are some', () => expect(files).toHaveLength(5));

  test.each(files)('%s is answered, and all that is written is valid', async (name) => {
    const xml = readFileSync(join(FOLDER, 'pain.001', name), 'utf8');
    const played = await play({ orders: [{ name, xml }], faults: ['partial'] });
    const payments = [...xml.matchAll(/<CdtTrfTxInf>/g)].length;
    const [report] = await reportsOf(played);
    // Two of them say that they have fewer payments than they have.
    if (/^sebastien|multiple/.test(name)) expect(report).toMatchObject({ status: 'RJCT', reasons: ['AM10'] });
    else expect(report?.payments).toHaveLength(payments);
    validate(played);
  });

  test.each(['pain.001.001.03', 'pain.001.001.09'] as const)(
    'what our own writer makes in %s is paid',
    async (version) => {
      const { xml } = order(20, 'OURS', version);
      const played = await play({ orders: [{ name: 'x', xml }], faults: ['return', 'duplicate'] });
      expect(await entriesOf(played)).toHaveLength(40);
      validate(played);
      validate(await play({ state: played.state }));
    },
  );

  function validate({ files: written }: Pick<Played, 'files'>): void {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-played-'));
    for (const { xml } of written) {
      const [, message = ''] = /xmlns="urn:iso:std:iso:20022:tech:xsd:([a-z0-9.]+)"/.exec(xml) ?? [];
      const file = join(folder, 'file.xml');
      writeFileSync(file, xml);
      const checked = execaSync(
        'xmllint',
        ['--noout', '--schema', join(FOLDER, 'xsd', `${message}.xsd`), file],
        { reject: false },
      );
      expect(checked.stderr).toMatch(/file\.xml validates$/);
    }
  }
});
