import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { formatMinor, type Currency } from '../../../src/core/money.ts';
import { journalName } from '../../../src/service/ledger/export-journal/account-names.ts';
import { dayOfId } from '../../../src/service/ledger/export-journal/dates.ts';
import {
  exportJournal,
  type JournalFormatName,
} from '../../../src/service/ledger/export-journal/export-journal.ts';
import { paymentIntent } from '../../../src/service/payments/payment.ts';
import type { Intent, TransferDraft } from '../../../src/service/ledger/intent.ts';
import { recordsOf } from '../../csv-records.ts';
import { eachEngine } from '../../harness.ts';
import { deposit, newBookOn, send, type Book } from './new-book.ts';

const BLNS = join(import.meta.dirname, '../../../../shared/data/bad-input/strings/blns_even.json');
const UTF8 = { ...process.env, LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8' };

/** Texts that try to get out of where they are put, and texts that must stay as they are. */
const NAUGHTY = [
  ...(existsSync(BLNS) ? (JSON.parse(readFileSync(BLNS, 'utf8')) as string[]) : []),
  'x\n\n2026-11-23 * forged\n    Liabilities:Holders:X  -1000.00 EUR\n    Assets:Bank:X  1000.00 EUR\n',
  'x\r\n2026-11-23 * "forged"\r\n  Assets:Bank:X  1.00 EUR',
  '"\n2020-01-01 open Assets:Forged\n; "',
  '\\"\n2020-01-01 open Assets:Forged',
  '\\',
  '"',
  '\\\\"',
  '; comment',
  'payee | note',
  'type:A',
  'date:2020-99-99, type:Z, assert: x',
  '[2020-99-99] [=2020/13/13]',
  '= 12.50 EUR',
  '  two  spaces  ',
  '\u202egnp.exe\u202c',
  '\u2066isolated\u2069',
  '\u0000nul\u0007bell\u001b[31mred\u009b31m',
  '\u0085next line\u2028line\u2029paragraph',
  '\ud800lone surrogate',
  '\ufeffmark',
  'می‌خواهم',
  '👩‍👩‍👧‍👦 Zoë Straße 李 العربية',
  '=cmd|" /C calc"!A0',
  '@SUM(1+1)',
  '+1',
  '-1',
  '\t=1+1',
  'a;=1+1|-2',
  '＝1+1',
  'include /etc/passwd',
  '!include x',
  'end comment',
  '#tag ^link',
  '\\n2020-01-01 open Assets:Forged',
];

const folder = mkdtempSync(join(tmpdir(), 'okpay-export-'));
afterAll(() => rmSync(folder, { recursive: true }));

function missing(tool: string): boolean {
  try {
    execFileSync(tool, ['--version'], { stdio: 'ignore', env: UTF8 });
    return false;
  } catch {
    return true;
  }
}

/** Runs a program; gives its exit code and all it said. */
function outcome(tool: string, ...words: string[]): { code: number; said: string } {
  try {
    return {
      code: 0,
      said: execFileSync(tool, words, { env: UTF8, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1e9 }),
    };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { code: status, said: stdout + stderr };
  }
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const noHledger = missing('hledger');
const noBeancount = missing('bean-check') || missing('bean-query');
const CHECKS = ['accounts', 'commodities', 'balanced', 'ordereddates', 'assertions'];
/** Balances as a tool prints them, without the blanks it pads them with and without those that are zero. */
const shown = (rows: string[][]) =>
  Object.fromEntries(
    rows
      .map((row) => row.map((cell) => cell.trim().replace(/\s+/g, ' ')))
      .filter(([, amount]) => amount !== '0' && amount !== ''),
  ) as Record<string, string>;

async function exported(format: JournalFormatName, { engine }: Book): Promise<string> {
  let text = '';
  for await (const piece of exportJournal(engine, format)) text += piece;
  return text;
}

/** Makes every text a name, a note and a detail, an hour after the other, in four currencies of 0 to 4 digits, and across them. */
async function fillWith(book: Book, texts: readonly string[]): Promise<void> {
  const currencies: Currency[] = ['EUR', 'JPY', 'KWD', 'CLF'];
  const users = ['First', ...texts].map((name) => ({ id: book.newId('user'), name }));
  await book.engine.transact(async (tx) => {
    for (const { id, name } of users)
      await tx.run(
        `INSERT INTO users (id, email, email_key, display_name, password_hash, deposit_reference, created_at)
          VALUES (?, ?, ?, ?, '', ?, '')`,
        [id, id, id, name, id],
      );
  });
  const posted: Promise<unknown>[] = [];
  for (const [at, text] of texts.entries()) {
    const [last, user] = [users[at]?.id ?? '', users[at + 1]?.id ?? ''];
    const currency = currencies[at % 4] ?? 'EUR';
    const paid = deposit(book, user, 1_000_000n + BigInt(at), { currency, note: text });
    const details = { remittance: text, 'no name': text };
    posted.push(book.post({ ...paid, transfer: { ...(paid.transfer as TransferDraft), details } }));
    posted.push(
      book.post(send(book, user, last, 12_345n, { currency, fee: 67n, note: text, quote: `quo_${at}` })),
    );
    const receiveCurrency = currencies[(at + 1) % 4] ?? 'EUR';
    const across = {
      currency,
      receiveCurrency,
      paid: 1_000n,
      fee: 3n,
      received: 7n + BigInt(at),
      note: text,
    };
    const party = (id: string) => ({ id, email: '', displayName: '', limits: null });
    const toSelf = at % 2 === 0;
    const kind = toSelf ? ('conversion' as const) : ('transfer' as const);
    const [from, to] = [party(user), party(toSelf ? user : last)];
    const key = { owner: user, key: `across ${at}`, fingerprint: `across=${at}` };
    posted.push(book.post(paymentIntent(book, { ...across, kind, from, to }, key)));
    book.clock.ms += 3_600_000;
    if (at % 20 === 0) await Promise.all(posted);
  }
  await Promise.all(posted);
}

/** Every balance that is not zero, as a journal has it. */
async function balancesOf({ engine }: Book): Promise<Record<string, string>> {
  const accounts = await engine.all<{
    name: string;
    kind: string;
    owner: string | null;
    currency: Currency;
    balance: bigint;
  }>('SELECT name, kind, owner, currency, balance FROM accounts WHERE balance <> 0');
  return Object.fromEntries(
    accounts.map((account) => [
      journalName(account),
      `${formatMinor(-account.balance, account.currency)} ${account.currency}`,
    ]),
  );
}

eachEngine((engine) => {
  let book: Book;
  /** A book in which every naughty text is a name, a note and a detail, in four currencies of 0 to 4 digits. */
  let rich: Book;
  // PostgreSQL keeps no NUL and no half of a surrogate pair; the use-cases refuse both.
  const naughty =
    engine.name === 'sqlite'
      ? NAUGHTY
      : NAUGHTY.filter((text) => text.isWellFormed() && !text.includes('\0'));

  beforeEach(async () => {
    book = await newBookOn(engine);
  });
  afterEach(() => book.close());
  beforeAll(async () => {
    rich = await newBookOn(engine);
    await fillWith(rich, naughty);
  });
  afterAll(() => rich.close());

  describe.skipIf(noHledger)(`hledger${noHledger ? ' (not installed: apt-get install hledger)' : ''}`, () => {
    test('accepts the book, and its balances are ours', async () => {
      const path = file('book.hledger', await exported('hledger', rich));
      expect(outcome('hledger', '-f', path, 'check', ...CHECKS)).toEqual({ code: 0, said: '' });
      const rows = recordsOf(
        outcome('hledger', '-f', path, 'bal', '-N', '-O', 'csv').said.replaceAll('\n', '\r\n'),
      );
      expect(shown(rows.slice(1))).toEqual(await balancesOf(rich));
    });

    test('sees as many transactions as there are transfers, and no tag of a note', async () => {
      const path = file('book.hledger', await exported('hledger', rich));
      const transactions = JSON.parse(outcome('hledger', '-f', path, 'print', '-O', 'json').said) as {
        tcode: string;
        tdescription: string;
        ttags: [string, string][];
      }[];
      const { transfers } = await rich.audit();
      expect(transactions).toHaveLength(transfers + 1);
      const tags = new Set(transactions.flatMap(({ ttags }) => ttags.map(([name]) => name)));
      expect([...tags].sort()).toEqual(
        ['at', 'fee', 'initiator', 'kind', 'paid', 'quote', 'received', 'remittance'].sort(),
      );
      const family = transactions.find(({ tdescription }) => tdescription.includes('👩‍👩‍👧‍👦'));
      expect(family?.tdescription).toContain('Zoë Straße 李 العربية');
    });

    test('refuses a book whose balance is one cent off', async () => {
      await book.post(deposit(book, 'alice', 100n));
      await book.tamper(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
      const path = file('off.hledger', await exported('hledger', book));
      expect(outcome('hledger', '-f', path, 'check', 'assertions').code).not.toBe(0);
    });

    test('accepts a book in which nothing happened', async () => {
      const path = file('empty.hledger', await exported('hledger', book));
      expect(outcome('hledger', '-f', path, 'check', ...CHECKS)).toEqual({ code: 0, said: '' });
    });

    test('has the days in order when transfers were under way at midnight', async () => {
      await midnightBook();
      const path = file('midnight.hledger', await exported('hledger', book));
      expect(outcome('hledger', '-f', path, 'check', ...CHECKS)).toEqual({ code: 0, said: '' });
    });
  });

  describe.skipIf(noBeancount)(
    `beancount${noBeancount ? ' (not installed: apt-get install beancount)' : ''}`,
    () => {
      test('accepts the book, and its balances are ours', async () => {
        const path = file('book.beancount', await exported('beancount', rich));
        expect(outcome('bean-check', path)).toEqual({ code: 0, said: '' });
        const query = 'SELECT account, sum(position) GROUP BY account';
        const rows = recordsOf(
          outcome('bean-query', '-f', 'csv', path, query).said.replace(/\r?\n/g, '\r\n'),
        );
        expect(shown(rows.slice(1))).toEqual(await balancesOf(rich));
      });

      test('reads back every name and note, with what is hidden made visible', async () => {
        const path = file('book.beancount', await exported('beancount', rich));
        const script = `
import json, sys
from beancount import loader
from beancount.core.data import Transaction, Open
entries, errors, options = loader.load_file(sys.argv[1])
print(json.dumps({
  'errors': [str(error) for error in errors],
  'notes': [entry.narration for entry in entries if isinstance(entry, Transaction)],
  'remittances': [entry.meta['remittance'] for entry in entries if isinstance(entry, Transaction) and 'remittance' in entry.meta],
  'names': [entry.meta['name'] for entry in entries if isinstance(entry, Open) and 'name' in entry.meta],
}))`;
        // The Python that beancount is installed for.
        const program = outcome('sh', '-c', 'command -v bean-check').said.trim();
        const python = /^#!\s*(\S+)/.exec(readFileSync(program, 'utf8'))?.[1] ?? 'python3';
        const found = outcome(python, '-c', script, path);
        const read = JSON.parse(found.said) as Record<string, string[]>;
        const visible = (text: string) =>
          text.replace(/(?![\u200C\u200D])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (character) => {
            return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
          });
        // A column of the database holds U+FFFD for half a surrogate pair; JSON in it keeps the half.
        const [columns, json] = [naughty.map((text) => visible(text.toWellFormed())), naughty.map(visible)];
        expect(read['errors']).toEqual([]);
        expect(new Set(read['notes'])).toEqual(new Set(columns));
        expect(new Set(read['remittances'])).toEqual(new Set(json));
        expect(new Set(read['names'])).toEqual(new Set([...columns, 'First']));
      });

      test('refuses a book whose balance is one cent off', async () => {
        await book.post(deposit(book, 'alice', 100n));
        await book.tamper(`UPDATE accounts SET balance = balance + 1 WHERE kind = 'holder'`);
        const path = file('off.beancount', await exported('beancount', book));
        expect(outcome('bean-check', path).said).toMatch(
          /Balance failed for 'Liabilities:Holders:X--alice:EUR'/,
        );
      });

      test('accepts a book in which nothing happened', async () => {
        const path = file('empty.beancount', await exported('beancount', book));
        expect(outcome('bean-check', path)).toEqual({ code: 0, said: '' });
      });

      test('accepts a book of transfers that were under way at midnight', async () => {
        await midnightBook();
        const path = file('midnight.beancount', await exported('beancount', book));
        expect(outcome('bean-check', path)).toEqual({ code: 0, said: '' });
      });
    },
  );

  /** Transfers whose ids are of one day and that were written on another, also by a clock that was set back. */
  async function midnightBook(): Promise<void> {
    const midnight = Date.parse('2026-11-24T00:00:00.000Z');
    book.clock.ms = midnight - 2;
    const [first, late, early] = ['alice', 'bob', 'carol'].map((user) => deposit(book, user, 100n));
    await book.post(first as Intent);
    await book.post(early as Intent);
    const old = deposit(book, 'eve', 1n);
    book.clock.ms = midnight + 1;
    await book.post(late as Intent);
    await book.post(deposit(book, 'dora', 100n));
    book.clock.ms = midnight + 3 * 86_400_000;
    await book.post(old);
    await book.post(deposit(book, 'fred', 7n));
    book.clock.ms = midnight - 5 * 86_400_000;
    await book.post(deposit(book, 'gail', 7n));
  }

  test('transfers are dated with the day they were written, in order', async () => {
    await midnightBook();
    const text = await exported('hledger', book);
    const days = [...text.matchAll(/^(\S+) \* \(trf_\w+\) \S+ → holder:(\w+)/gm)].map(
      ([, day, who]) => `${day} ${who}`,
    );
    expect(days).toEqual([
      '2026-11-23 alice',
      '2026-11-23 carol',
      '2026-11-24 bob',
      '2026-11-24 dora',
      '2026-11-27 eve',
      '2026-11-27 fred',
      // The clock went back; ids do not, and neither do the days of a book.
      '2026-11-27 gail',
    ]);
    expect(dayOfId(book.newId('transfer'))).toBe('2026-11-27');
  });

  describe('csv', () => {
    test('is RFC 4180 with a stable header, one line for each entry, and sums to zero', async () => {
      const [header, ...rows] = recordsOf(await exported('csv', rich));
      expect(header?.join(',')).toBe(
        'transfer,at,kind,line,account,ledger_account,amount,currency,balance_after,from,to,paid,fee,paid_currency,received,received_currency,note,quote,initiator,details',
      );
      expect(rows).toHaveLength((await rich.audit()).entries);
      const sums: Record<string, bigint> = {};
      for (const row of rows) {
        expect(row).toHaveLength(20);
        expect(row[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        for (const at of [6, 8]) expect(row[at]).toMatch(/^-?\d+(\.\d{2,4})?$/);
        for (const at of [11, 12, 14]) expect(row[at]).toMatch(/^\d+(\.\d{2,4})?$/);
        const currency = row[7] ?? '';
        sums[currency] = (sums[currency] ?? 0n) + BigInt((row[6] ?? '').replace('.', ''));
      }
      expect(sums).toEqual({ EUR: 0n, JPY: 0n, KWD: 0n, CLF: 0n });
    });

    test('has no cell that a spreadsheet takes for a formula, wherever it parts the cells', async () => {
      const text = await exported('csv', rich);
      const amounts = new Set([6, 8]);
      for (const row of recordsOf(text).slice(1))
        row.forEach((cell, at) => {
          expect(cell).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
          if (amounts.has(at)) return;
          for (const part of cell.split(/[;|\t]/)) expect(part).not.toMatch(/^\s*[=+\-@＝＋－＠]/);
        });
    });
  });

  test('jsonl is one object for each transfer, with every text as it was', async () => {
    const lines = (await exported('jsonl', rich)).trimEnd().split('\n');
    const { transfers, entries } = await rich.audit();
    expect(lines).toHaveLength(transfers);
    const read = lines.map(
      (line) => JSON.parse(line) as Record<string, never> & { entries: { amount: string }[] },
    );
    expect(read.flatMap((transfer) => transfer.entries)).toHaveLength(entries);
    expect(new Set(read.map(({ note }) => note))).toEqual(
      new Set(naughty.map((text) => text.toWellFormed())),
    );
    const [first] = read;
    expect(first).toMatchObject({
      kind: 'deposit',
      paid: { amount: '10000.00', currency: 'EUR' },
      entries: [
        {
          line: 1,
          amount: '10000.00',
          currency: 'EUR',
          ledgerAccount: 'clearing:DE02120300000000202051:EUR',
        },
        { line: 2, amount: '-10000.00', currency: 'EUR' },
      ],
    });
  });

  describe('the stream', () => {
    test('reads no further than it is asked, and lets go of the database when it is left', async () => {
      for (let at = 0; at < 5; at++)
        await Promise.all(Array.from({ length: 1_000 }, () => book.post(deposit(book, 'alice', 1n))));
      let [asked, open] = [0, 0];
      const engine = {
        openSnapshot: async () => {
          const snapshot = await book.engine.openSnapshot();
          open += 1;
          return {
            one: snapshot.one,
            all: ((sql: string, values: []) => {
              asked += 1;
              return snapshot.all(sql, values);
            }) as typeof snapshot.all,
            close: async () => {
              open -= 1;
              await snapshot.close();
            },
          };
        },
      };
      const pieces = exportJournal(engine, 'csv');
      expect([asked, open]).toEqual([0, 0]);
      await pieces.next();
      await pieces.next();
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect([asked, open]).toEqual([2, 1]);
      await pieces.return(undefined);
      expect(open).toBe(0);
    });

    test('shows the moment it began, not what is written meanwhile', async () => {
      await Promise.all(Array.from({ length: 2_500 }, () => book.post(deposit(book, 'alice', 1n))));
      const pieces = exportJournal(book.engine, 'jsonl');
      let text = (await pieces.next()).value as string;
      await Promise.all(Array.from({ length: 1_500 }, () => book.post(deposit(book, 'bob', 1n))));
      for await (const piece of pieces) text += piece;
      expect(text.trimEnd().split('\n')).toHaveLength(2_500);
    });
  });

  test.each(['hledger', 'beancount', 'csv', 'jsonl'] as const)(
    '%s of the same book is the same text',
    async (format) => {
      expect(await exported(format, rich)).toBe(await exported(format, rich));
    },
  );
});

describe('account names', () => {
  const named = (kind: string, name: string, owner: string | null = null) =>
    journalName({ kind, name, owner, currency: 'EUR' });

  test('are what accountants expect', () => {
    expect(
      named('holder', 'holder:usr_01m844dzg03sttnc0r1zbdgpbg:EUR', 'usr_01m844dzg03sttnc0r1zbdgpbg'),
    ).toBe('Liabilities:Holders:Usr-01m844dzg03sttnc0r1zbdgpbg:EUR');
    expect(named('fees', 'fees:EUR')).toBe('Income:Fees:EUR');
    expect(named('clearing', 'clearing:DE02120300000000202051:EUR')).toBe(
      'Assets:Bank:DE02120300000000202051:EUR',
    );
    expect(named('suspense', 'suspense:EUR')).toBe('Liabilities:Suspense:EUR');
    expect(named('clearing', 'clearing:12/34 ab:EUR')).toBe('Assets:Bank:12-2f-34-20-ab:EUR');
    expect(named('position', 'position:EUR')).toBe('Equity:Other:X--position-3a-EUR');
  });

  test('are words beancount takes, and different for different texts', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('X', '-', 'a', '2', 'd', ' ', 'é') }),
    );
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [first, second] = [one, other].map((each) => named('holder', '', each));
        expect(first).toMatch(/^Liabilities:Holders:[A-Z0-9X][A-Za-z0-9-]*:EUR$/);
        expect(first === second).toBe(one === other);
      }),
      {
        numRuns: 1_000,
        examples: [
          ['X--a', 'a'],
          ['', 'X--'],
          ['-', 'X'],
          ['usr_1', 'Usr-1'],
        ],
      },
    );
  });
});
