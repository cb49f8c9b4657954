import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatMinor, type Money } from '../../../src/core/money.ts';
import { readDecimal, toMinor } from '../../../src/service/rails/exact-decimal.ts';
import {
  readStatements,
  StatementError,
  type StatementEnd,
  type StatementEvent,
  type StatementHeader,
} from '../../../src/service/rails/read-statement.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const FOLDER = join(DATA, 'iso20022');
const missing = existsSync(FOLDER) ? '' : ` (skipped: no test data at ${DATA})`;

/** What is wrong with each statement of the corpus that xmllint refuses too, where we say it is. */
const REFUSED: Readonly<Record<string, { line: number; reason: string }>> = {
  'Query-farm_statement1.xml': {
    line: 13,
    reason: 'FrToDt is not allowed at this place in Stmt: camt.053.001.08 expects RltdAcct, Intrst or Bal.',
  },
  'genkgo_camt053.v2.wrong.xml': {
    line: 3,
    reason: 'BkToCstmrStmt is not complete: camt.053.001.02 expects Stmt in it.',
  },
  'viafintech_valid_example.xml': {
    line: 62,
    reason: 'NtryRef is not allowed at this place in Ntry: camt.053.001.02 expects CdtDbtInd.',
  },
  'viafintech_valid_example_with_batch.xml': {
    line: 143,
    reason:
      'MsgId is not allowed at this place in Btch: camt.053.001.02 expects NbOfTxs, TtlAmt or CdtDbtInd.',
  },
  ...Object.fromEntries(
    ['07', '08', '11', '12', '13'].map((day) => [
      `chain-2024-03-a/2024-03-${day}.xml`,
      { line: 2, reason: 'Dt is not allowed at this place in Bal: camt.053.001.08 expects CdtDbtInd.' },
    ]),
  ),
};

type Expected = {
  stmt_id: string;
  account: string;
  balances: [string, string, string, string | null][];
  entries: number;
  credits: number;
  credit_sum: string;
  debits: number;
  debit_sum: string;
  by_status: Record<string, number>;
  opening_plus_entries_equals_closing: boolean | null;
  tx_details: number;
};

describe.skipIf(missing)(`the statements of the corpus${missing}`, () => {
  const expected = missing
    ? {}
    : (JSON.parse(readFileSync(join(FOLDER, 'camt.053.expected.json'), 'utf8')) as Record<
        string,
        Expected[]
      >);

  for (const [name, statements] of Object.entries(expected)) {
    const path = join(FOLDER, name);
    const refused = REFUSED[name.replace('camt.053/', '')];

    if (refused) {
      it(`${name} is refused at line ${refused.line}`, async () => {
        await expect(all(createReadStream(path))).rejects.toMatchObject({
          name: 'StatementError',
          ...refused,
        });
        await expect(all(bytes(readFileSync(path), 1))).rejects.toMatchObject(refused);
      });
      continue;
    }

    it(`${name} says what the oracle says`, async () => {
      const events = await all(createReadStream(path));
      const heads = events.filter((event): event is StatementHeader => event.type === 'statement');
      const ends = events.filter((event): event is StatementEnd => event.type === 'statement-end');
      expect(ends.map((end, at) => inWordsOfOracle(heads[at] as StatementHeader, end))).toEqual(
        statements.map((statement) => ({ ...statement, ...exact(statement) })),
      );
      for (const event of events) {
        if (event.type === 'entry') expect(event.identity).toMatch(/^(?:ref|sum)_[\w-]{43}_[0-9]+$/);
      }
      const identities = events
        .filter(({ type }) => type === 'entry')
        .map((event) => 'identity' in event && event.identity);
      expect(new Set(identities).size).toBe(identities.length);
    });

    it(`${name} says the same a byte at a time`, async () => {
      const whole = await all(bytes(readFileSync(path), 1e9));
      expect(await all(bytes(readFileSync(path), 1))).toEqual(whole);
      expect(await all(bytes(readFileSync(path), 7))).toEqual(whole);
    });
  }

  it('leaves no statement of the corpus out', () => {
    expect(Object.keys(expected)).toHaveLength(19);
    expect(Object.keys(REFUSED)).toHaveLength(9);
  });

  it('reports the one valid sample whose balances do not cover its entries, and what the difference is', async () => {
    const name = 'svapnil_goldman_sachs_camt_053_uk_v2_1.xml';
    const events = await all(createReadStream(join(FOLDER, 'camt.053', name)));
    expect(events.at(-1)).toMatchObject({
      proof: {
        isChecked: true,
        isBalanced: false,
        isSummaryProven: true,
        difference: { minor: 10835n, currency: 'GBP' },
        remark: 'Some entries were booked on days outside those of the balances.',
      },
    });
  });

  it('refuses every sample that balances once one figure of it is changed', async () => {
    const samples = [
      ['svapnil_ing_example_camt.xml', '>1605.00<', '>1605.01<'],
      ['svapnil_ing_example_camt.xml', '<Amt Ccy="EUR">350.00</Amt>', '<Amt Ccy="EUR">350.01</Amt>'],
      ['svapnil_ing_example_camt.xml', '<NbOfNtries>9<', '<NbOfNtries>8<'],
      ['svapnil_ing_example_camt.xml', '<Sum>385.00<', '<Sum>386.00<'],
      [
        'svapnil_goldman_sachs_camt_053_uk_v2_1.xml',
        '>200.0000</TtlNetNtryAmt>',
        '>201.0000</TtlNetNtryAmt>',
        177,
      ],
      ['viafintech_valid_example_v4.xml', '>322689.77<', '>322689.78<'],
      ['genkgo_camt053.v2.multi.statement.xml', '>20.00<', '>20.05<'],
      ['moov-io_FI_camt_053_sample.xml', '>23644.83<', '>23644.82<'],
    ] as const;
    for (const [name, from, to] of samples) {
      const text = readFileSync(join(FOLDER, 'camt.053', name), 'utf8');
      expect(text).toContain(from);
      const changed = text.replace(from, to);
      const line = text.slice(0, text.indexOf(from)).split('\n').length;
      const error: unknown = await all(bytes(Buffer.from(changed), 1e9)).catch((caught: unknown) => caught);
      expect(error, `${name} ${to}`).toBeInstanceOf(StatementError);
      expect((error as StatementError).reason).toMatch(/^The closing balance is|^The summary says/);
      // A changed figure of the bank is named where it stands; a changed entry where the figure stands that denies it.
      if (!from.includes('350')) expect((error as StatementError).line).toBe(line);
    }
  });
});

/** Our events in the shape of the oracle, amounts as exact numbers of minor units. */
function inWordsOfOracle(head: StatementHeader, end: StatementEnd): unknown {
  const credits = end.totals.reduce((count, total) => count + total.credits, 0);
  const debits = end.totals.reduce((count, total) => count + total.debits, 0);
  const sum = (of: 'creditSum' | 'debitSum'): bigint =>
    end.totals.reduce((all, total) => all + total[of].minor, 0n);
  return {
    stmt_id: head.id,
    account: head.account.id,
    balances: end.balances.map(({ kind, amount }) => [
      kind,
      amount.currency,
      formatMinor(amount.minor < 0n ? -amount.minor : amount.minor, amount.currency),
      amount.minor < 0n ? 'DBIT' : 'CRDT',
    ]),
    entries: end.entries,
    credits,
    credit_sum: sum('creditSum'),
    debits,
    debit_sum: sum('debitSum'),
    by_status: Object.fromEntries(end.totals.map((total) => [total.status, total.credits + total.debits])),
    // The oracle adds up figures of different currencies; we say that they cannot be compared.
    opening_plus_entries_equals_closing:
      end.proof.isBalanced ?? (end.proof.remark === 'There is no opening balance in SEK.' ? false : null),
    tx_details: end.transactions,
  };
}

/** The oracle's amounts as ours, and its account without what it joined from the elements after the number. */
function exact(statement: Expected): object {
  const minor = (text: string): bigint => toMinor(readDecimal(text) ?? { units: 0n, scale: 0 }, 2) ?? -1n;
  return {
    account: statement.account.split('\n')[0],
    balances: statement.balances.map(([kind, currency, amount, sign]) => [
      kind,
      currency,
      padded(amount, currency),
      sign,
    ]),
    credit_sum: minor(statement.credit_sum),
    debit_sum: minor(statement.debit_sum),
  };
}

function padded(amount: string, currency: string): string {
  const digits = currency === 'JPY' ? 0 : 2;
  const money: Money = {
    minor: toMinor(readDecimal(amount) ?? { units: -1n, scale: 0 }, digits) ?? -1n,
    currency: currency as Money['currency'],
  };
  return formatMinor(money.minor, money.currency);
}

async function all(source: AsyncIterable<Uint8Array>): Promise<StatementEvent[]> {
  const events: StatementEvent[] = [];
  for await (const event of readStatements(source)) events.push(event);
  return events;
}

async function* bytes(buffer: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}
