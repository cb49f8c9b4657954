import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  readStatements,
  type StatementEnd,
  type StatementEntry,
  type StatementEvent,
} from '../../../src/service/rails/read-statement.ts';
import {
  writeStatement,
  type EntryToWrite,
  type StatementToWrite,
} from '../../../src/service/rails/write-statement.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const SCHEMA = join(DATA, 'iso20022/xsd/camt.053.001.08.xsd');

const hasXmllint = ((): boolean => {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const missing = !existsSync(SCHEMA)
  ? `no test data at ${DATA}`
  : !hasXmllint
    ? 'xmllint is not installed'
    : undefined;

const folder = mkdtempSync(join(tmpdir(), 'okpay-statement-'));
afterAll(() => rmSync(folder, { recursive: true }));

const STATEMENT: StatementToWrite = {
  id: 'STMT-1',
  created: new Date('2026-01-03T06:00:00Z'),
  from: '2026-01-01',
  to: '2026-01-02',
  iban: 'DE89 3704 0044 0532 0130 00',
  opening: { minor: -500n, currency: 'EUR' },
  entries: [],
};

const ENTRY: EntryToWrite = {
  amount: { minor: 1250n, currency: 'EUR' },
  direction: 'credit',
  bookingDate: '2026-01-02',
};

/** What XML 1.0 cannot say is dropped by the writer. */
function sayable(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}

function cut(text: string): string[] {
  const characters = Array.from(sayable(text));
  return Array.from({ length: Math.ceil(characters.length / 140) }, (_, at) =>
    characters.slice(at * 140, at * 140 + 140).join(''),
  );
}

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.constantFrom(
    '</Nm><Nm>', ']]>', '<![CDATA[', '<!DOCTYPE a>', '&amp;', '&#0;', '\u0000\u001b[2J\u0007', '\uD800', 'a\r\nb\rc', '\u202Eevil',
    '\u0085\u2028', '\uFFFE\uFFFF', ' ', "'; DROP TABLE entries; --", '=HYPERLINK("x")', '𝒳'.repeat(150), '--><a>',
  ),
); // prettier-ignore
const reference = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 17 })
  .filter((text) => sayable(text) !== '');
const iban = fc.constantFrom('DE89370400440532013000', 'NL91ABNA0417164300', undefined);
const day = fc.constantFrom('2026-01-01', '2026-01-02');
const money = fc.bigInt({ min: 0n, max: 10n ** 12n }).map((minor) => ({ minor, currency: 'EUR' as const }));

const anyEntry: fc.Arbitrary<EntryToWrite> = fc.record({
  amount: money,
  direction: fc.constantFrom('credit', 'debit'),
  bookingDate: day,
  accountServicerReference: fc.option(reference, { nil: undefined }),
  endToEndId: fc.option(reference, { nil: undefined }),
  remittance: fc.option(hostile, { nil: undefined }),
  debtorName: fc.option(hostile, { nil: undefined }),
  debtorIban: iban,
  creditorName: fc.option(hostile, { nil: undefined }),
  creditorIban: iban,
  status: fc.constantFrom('BOOK', 'PDNG', 'INFO', 'FUTR', undefined),
  isReversal: fc.boolean(),
});
const anyStatement = fc
  .record({
    id: reference,
    electronicSequenceNumber: fc.option(fc.bigInt({ min: 0n, max: 10n ** 17n }), { nil: undefined }),
    opening: fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
    entries: fc.array(anyEntry, { maxLength: 6 }),
  })
  .map(({ opening, ...rest }): StatementToWrite => ({
    ...STATEMENT,
    ...rest,
    opening: { minor: opening, currency: 'EUR' },
  }));

async function read(text: string): Promise<StatementEvent[]> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  const events: StatementEvent[] = [];
  for await (const event of readStatements(source())) events.push(event);
  return events;
}

describe('writeStatement', () => {
  it('writes what readStatements reads, whatever names and remittance hold', async () => {
    await fc.assert(
      fc.asyncProperty(anyStatement, async (statement) => {
        const events = await read(writeStatement(statement));
        expect(events[0]).toMatchObject({
          id: sayable(statement.id),
          electronicSequenceNumber: statement.electronicSequenceNumber,
          account: { kind: 'iban', id: 'DE89370400440532013000' },
          currency: 'EUR',
          from: '2026-01-01T00:00:00Z',
          to: '2026-01-02T23:59:59Z',
        });
        const entries = events.filter((event): event is StatementEntry => event.type === 'entry');
        expect(entries.map(inWordsOfWriter)).toEqual(statement.entries.map(asWritten));
        const moved = statement.entries
          .filter(({ status }) => status === 'BOOK' || status === undefined)
          .reduce(
            (sum, { direction, amount }) => sum + (direction === 'credit' ? amount.minor : -amount.minor),
            0n,
          );
        expect((events.at(-1) as StatementEnd).proof).toMatchObject({
          isBalanced: true,
          isSummaryProven: true,
          opening: statement.opening,
          closing: { minor: statement.opening.minor + moved, currency: 'EUR' },
        });
      }),
      { numRuns: 300 },
    );
  });

  it.skipIf(missing)(
    `is valid against the ISO 20022 schema${missing ? ` (skipped: ${missing})` : ''}`,
    () => {
      const paths = fc.sample(anyStatement, 200).map((statement, at) => {
        const path = join(folder, `${at}.xml`);
        writeFileSync(path, writeStatement(statement));
        return path;
      });
      expect(() =>
        execFileSync('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, ...paths], { stdio: 'pipe' }),
      ).not.toThrow();
    },
  );

  it('refuses what the format cannot say', () => {
    const refuses = (change: Partial<StatementToWrite>): void => {
      expect(() => writeStatement({ ...STATEMENT, ...change })).toThrow(RangeError);
    };
    refuses({ id: '' });
    refuses({ id: '\u0000' });
    refuses({ id: 'x'.repeat(36) });
    refuses({ iban: 'my account' });
    refuses({ from: '2026-1-1' });
    refuses({ opening: { minor: 10n ** 18n, currency: 'EUR' } });
    refuses({ entries: [{ ...ENTRY, amount: { minor: 1n, currency: 'USD' } }] });
    refuses({ entries: [{ ...ENTRY, amount: { minor: -1n, currency: 'EUR' } }] });
    refuses({ entries: [{ ...ENTRY, accountServicerReference: '' }] });
    refuses({ entries: [{ ...ENTRY, debtorIban: '<' }] });
  });

  it('writes any currency with its own digits', async () => {
    for (const [currency, minor] of [
      ['JPY', 1250n],
      ['KWD', 1n],
      ['CLF', -12345n],
    ] as const) {
      const text = writeStatement({ ...STATEMENT, opening: { minor, currency } });
      expect((await read(text)).at(-1)).toMatchObject({ proof: { opening: { minor, currency } } });
    }
  });
});

function inWordsOfWriter(entry: StatementEntry): unknown {
  const [transaction] = entry.transactions;
  return {
    amount: entry.amount,
    direction: entry.direction,
    bookingDate: entry.bookingDate,
    accountServicerReference: entry.accountServicerReference,
    endToEndId: transaction?.endToEndId,
    remittance: transaction?.remittance,
    debtorName: transaction?.debtor?.name,
    debtorIban: transaction?.debtor?.iban,
    creditorName: transaction?.creditor?.name,
    creditorIban: transaction?.creditor?.iban,
    status: entry.status,
    isReversal: entry.isReversal,
  };
}

function asWritten(entry: EntryToWrite): unknown {
  const remittance = cut(entry.remittance ?? '');
  return {
    ...entry,
    accountServicerReference: entry.accountServicerReference && sayable(entry.accountServicerReference),
    endToEndId: entry.endToEndId && sayable(entry.endToEndId),
    remittance: remittance.length === 0 ? undefined : remittance.join(' '),
    debtorName: cut(entry.debtorName ?? '')[0],
    creditorName: cut(entry.creditorName ?? '')[0],
    status: entry.status ?? 'BOOK',
  };
}
