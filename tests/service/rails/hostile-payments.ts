import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  writePayments,
  type PaymentToWrite,
  type PaymentVersion,
} from '../../../src/service/rails/write-payments.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const STRINGS = join(DATA, 'bad-input/strings/blns_even.json');

/** Why files cannot be held against the schemas here; undefined when they can. */
export function whyNotValidated(): string | undefined {
  if (!existsSync(join(DATA, 'iso20022/xsd'))) return `no test data at ${DATA}`;
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'xmllint is not installed';
  }
}

/** Names and texts nobody should have: random ones of all of Unicode, halves of characters, markup, and the naughty strings. */
const naughty = existsSync(STRINGS) ? (JSON.parse(readFileSync(STRINGS, 'utf8')) as string[]) : [];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 80 }),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom(
    ...naughty,
    ']]></Nm><Amt>',
    '<!DOCTYPE x>',
    '&#0;&amp;',
    '\u202Egpj.exe',
    '//',
    '\u0000',
    '山田太郎',
  ),
);

const ACCOUNTS = fc.constantFrom<PaymentToWrite['account']>(
  { iban: 'DE89370400440532013000' },
  { iban: 'NO9386011117947', bic: 'DNBANOKKXXX' },
  {
    number: '12345678',
    clearing: { system: 'GBDSC', member: '200000' },
    country: 'GB',
  },
  { number: '000123456789', clearing: { system: 'USABA', member: '021000021' }, country: 'US', type: 'SVGS' },
);

/** So many payments, the same for the same seed. */
export function hostilePayments(count: number, seed: number): PaymentToWrite[] {
  const payment = fc.record({
    amount: fc.bigInt({ min: 1n, max: 10n ** 12n }),
    creditorName: hostile,
    account: ACCOUNTS,
    remittance: fc.option(hostile, { nil: undefined }),
  });
  return fc.sample(payment, { numRuns: count, seed }).map((each, at): PaymentToWrite => ({
    ...each,
    endToEndId: `01K${String(at).padStart(23, '0')}`,
    isSepa: 'iban' in each.account,
  }));
}

/** What `xmllint` has against a file of a version; undefined when it is valid. */
export function validate(version: PaymentVersion, text: string): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-payments-'));
  try {
    const file = join(folder, `${version}.xml`);
    writeFileSync(file, text);
    const schema = join(DATA, `iso20022/xsd/${version}.xsd`);
    execFileSync('xmllint', ['--nonet', '--noout', '--schema', schema, file], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return String((error as { stderr?: Buffer }).stderr ?? error);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The text of a file with these payments. */
export function writeAll(version: PaymentVersion, payments: readonly PaymentToWrite[]): string {
  const pieces = writePayments({
    version,
    messageId: '01KTESTMESSAGE',
    created: new Date('2026-03-02T09:00:00Z'),
    executeOn: '2026-03-03',
    debtor: { name: 'Wallet & Söhne <GmbH>', iban: 'DE89370400440532013000', bic: 'COBADEFFXXX' },
    currency: 'EUR',
    payments,
  });
  return [...pieces].join('');
}
