import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/contract/schemas.ts';
import { atMost, makeSpool } from '../../../src/service/deposits/spool.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { raw } from '../http/raw.ts';
import {
  audit,
  balanceOf,
  everything,
  newKey,
  performWith,
  person,
  type Poster,
  refusalOf,
} from '../money/wallet.ts';
import {
  atBank,
  bankDay,
  importCounts,
  importFile,
  inSuspense,
  OUR_IBAN,
  pieces,
  referenceOf,
  type Line,
} from './bank-day.ts';

const outside = tmpdir();
afterAll(() => {
  process.env['TMPDIR'] = outside;
});

eachEngine((engine) => {
  let harness: Harness;
  let staff: Holder;
  let alice: Holder;
  let bob: Holder;
  let toAlice: string;
  let toBob: string;
  beforeEach(async () => {
    // A folder for temporary files of our own: other tests run beside this one.
    process.env['TMPDIR'] = mkdtempSync(join(outside, 'okpay-import-'));
    harness = await openHarness({ engine });
    staff = await person(harness, `support${newKey()}`, 'support');
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    [toAlice, toBob] = [await referenceOf(alice), await referenceOf(bob)];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
    expect(spools(), 'no temporary file stays').toEqual([]);
    rmSync(tmpdir(), { recursive: true });
  });

  const suspense = async () => (await staff.client.call('list-suspense', {})).items;
  const reasons = async () => (await suspense()).map(({ reason }) => reason);

  test('a credit with a holder’s reference is theirs, however the payer writes it', async () => {
    const grouped = toAlice.replace(/(.{4})/g, '$1 ').trim();
    const written = [
      toAlice,
      grouped,
      toAlice.toLowerCase(),
      `Payment ${toAlice.slice(0, 9)}\n${toAlice.slice(9)} thank you`,
      `REF:${grouped.replaceAll(' ', '-')}.`,
      `ZAHLUNG/${toAlice}/2026`,
    ];
    const lines: Line[] = written.map((text, at) => ({
      amount: '10.01',
      text,
      ref: `R${at}`,
      payer: 'P & Co',
    }));
    lines.push({ amount: '0.01', endToEndId: toAlice, ref: 'R7' });
    lines.push({ amount: '0.02', parts: [], information: `SEPA CREDIT ${toAlice}`, ref: 'R8' });
    const xml = bankDay({ lines }).replaceAll('P & Co', 'P &amp; Co');
    const report = await importFile(staff, xml);
    expect(report.statements).toEqual([
      {
        id: expect.any(String),
        account: OUR_IBAN,
        currency: 'EUR',
        entries: 8,
        credits: 8,
        creditSum: '60.09',
        debits: 0,
        debitSum: '0.00',
        byStatus: { BOOK: 8 },
        transactionDetails: 7,
        balanced: true,
        credited: 8,
        suspense: 0,
        alreadyBooked: 0,
        withdrawals: 0,
        notBooked: 0,
        statement: expect.stringMatching(/^stm_/),
        firstDay: '2026-03-02',
        lastDay: '2026-03-02',
        opening: '1000.00',
        closing: '1060.09',
        findings: [],
      },
    ]);
    expect([await balanceOf(alice), await atBank(harness)]).toEqual(['60.09 EUR', '60.09']);
    const { transfers } = await alice.client.call('list-transfers', {});
    expect(transfers.at(-1)).toMatchObject({
      kind: 'deposit',
      from: { name: 'Bank' },
      direction: 'in',
      received: { amount: '10.01', currency: 'EUR' },
      reference: toAlice,
    });
  });

  test('what no holder can be found for waits in suspense, each with its reason', async () => {
    const typo = toAlice.replace(/.$/, (last) => (last === 'B' ? 'C' : 'B'));
    const strange = 'RF84BCDFBCDFBCDF';
    const lines: Line[] = [
      { amount: '1.00', text: 'no reference at all', payer: 'Somebody', ref: 'A' },
      { amount: '2.00', text: typo, ref: 'B' },
      { amount: '3.00', text: `${toAlice} and ${toBob}`, ref: 'C' },
      { amount: '4.00', text: toAlice, isReversal: true, ref: 'D' },
      { amount: '5.00', text: toAlice, returned: 'AC04', ref: 'E' },
      { amount: '6.00', text: toAlice, side: 'DBIT', ref: 'F' },
    ];
    expect(await importCounts(staff, bankDay({ lines }))).toEqual([0, 6, 0, 0]);
    expect(strange).toHaveLength(16);
    expect(await reasons()).toEqual([
      'money left the bank account and nothing in the book explains it',
      'it is a returned payment (AC04)',
      'it reverses an earlier entry',
      'it carries the deposit references of several holders',
      'it carries no deposit reference',
      'it carries no deposit reference',
    ]);
    expect((await suspense()).at(-1)).toEqual({
      transfer: expect.stringMatching(/^trf_/),
      at: '2026-03-02T09:00:00.000Z',
      bookedOn: '2026-03-02',
      direction: 'credit',
      amount: { amount: '1.00', currency: 'EUR' },
      remittance: 'no reference at all',
      counterparty: 'Somebody',
      reason: 'it carries no deposit reference',
      state: 'open',
    });
    expect([await balanceOf(alice), await inSuspense(harness), await atBank(harness)]).toEqual([
      '0 EUR',
      '9.00',
      '9.00',
    ]);
  });

  test('a reference that checks out and belongs to nobody is said to', async () => {
    const other = await openHarness({ engine });
    const stranger = await referenceOf(await person(other, 'stranger'));
    await other.close();
    await importFile(staff, bankDay({ lines: [{ amount: '1.00', text: stranger }] }));
    expect(await reasons()).toEqual(['no holder has the deposit reference it carries']);
  });

  describe('a statement that comes again', () => {
    const lines = (count: number, from = 0): Line[] =>
      Array.from({ length: count }, (_, at) => ({
        amount: `${at + from + 1}.00`,
        text: (at + from) % 2 === 0 ? toAlice : toBob,
        ref: `REF-${at + from}`,
      }));

    test('books nothing', async () => {
      const xml = bankDay({ lines: lines(4) });
      expect(await importCounts(staff, xml)).toEqual([4, 0, 0, 0]);
      const before = await everything(harness);
      expect(await importCounts(staff, xml)).toEqual([0, 0, 4, 0]);
      const after = await everything(harness);
      expect({ ...after, statements: [] }).toEqual({ ...before, statements: [] });
      expect(after['statements']).toHaveLength(2);
    });

    test('under another id, by other staff, in other pieces, books nothing', async () => {
      await importFile(staff, bankDay({ lines: lines(4), id: 'FIRST' }));
      const other = await person(harness, `senior${newKey()}`, 'senior');
      expect(await importCounts(other, bankDay({ lines: lines(4), id: 'SECOND' }))).toEqual([0, 0, 4, 0]);
      expect(await atBank(harness)).toBe('10.00');
    });

    test('with more in it, books what is new', async () => {
      await importFile(staff, bankDay({ lines: lines(3) }));
      expect(await importCounts(staff, bankDay({ lines: lines(6) }))).toEqual([3, 0, 3, 0]);
      expect(await importCounts(staff, bankDay({ lines: lines(4, 4) }))).toEqual([2, 0, 2, 0]);
      expect(await atBank(harness)).toBe('36.00');
    });

    test('books entries that are alike as often as the bank lists them, and no more', async () => {
      const coffee: Line = { amount: '2.50', text: toAlice };
      await importFile(staff, bankDay({ lines: [coffee, coffee] }));
      expect(await balanceOf(alice)).toBe('5.00 EUR');
      expect(await importCounts(staff, bankDay({ lines: [coffee, coffee, coffee] }))).toEqual([1, 0, 2, 0]);
      expect(await balanceOf(alice)).toBe('7.50 EUR');
    });

    test('of days in any order, one of them missing at first, books each once', async () => {
      const days = Array.from({ length: 6 }, (_, at) =>
        bankDay({ lines: lines(3, at * 3), day: `2026-03-0${at + 1}`, id: `D${at}` }),
      );
      const order = [3, 0, 5, 1, 3, 0, 4, 2, 2, 5];
      for (const at of order.slice(0, 7)) await importFile(staff, days[at] ?? '');
      expect(await atBank(harness)).toBe('147.00');
      for (const at of order) await importFile(staff, days[at] ?? '');
      expect(await atBank(harness)).toBe('171.00');
      expect(await inSuspense(harness)).toBe('0.00');
    });

    test('holds for the account it is of: written another way it is the same, of another bank it is not', async () => {
      await importFile(staff, bankDay({ lines: lines(2) }));
      expect(await importCounts(staff, bankDay({ lines: lines(2), iban: 'DE89370400440532013000' }))).toEqual(
        [2, 0, 0, 0],
      );
      const asOther = bankDay({ lines: lines(2) }).replace(
        `<IBAN>${OUR_IBAN}</IBAN>`,
        '<Othr><Id> de02 1203 0000 0000 2020 51</Id></Othr>',
      );
      expect(await importCounts(staff, asOther)).toEqual([0, 0, 2, 0]);
      expect([await atBank(harness), await atBank(harness, 'EUR', 'DE89370400440532013000')]).toEqual([
        '3.00',
        '3.00',
      ]);
    });
  });

  describe('an entry that has not moved money', () => {
    test('is not booked while it is pending, and is once it is booked', async () => {
      const line: Line = { amount: '7.00', text: toAlice, ref: 'P1' };
      for (const status of ['PDNG', 'INFO', 'FUTR']) {
        expect(await importCounts(staff, bankDay({ lines: [{ ...line, status }] }))).toEqual([0, 0, 0, 1]);
      }
      expect(await balanceOf(alice)).toBe('0 EUR');
      expect(await importCounts(staff, bankDay({ lines: [line] }))).toEqual([1, 0, 0, 0]);
      expect(await importCounts(staff, bankDay({ lines: [{ ...line, status: 'PDNG' }, line] }))).toEqual([
        0, 0, 1, 1,
      ]);
      expect(await balanceOf(alice)).toBe('7.00 EUR');
    });

    test('of a bank’s own status called BOOK is not booked', async () => {
      const xml = bankDay({ lines: [{ amount: '7.00', text: toAlice, status: 'PDNG' }] });
      const own = xml.replace('<Sts><Cd>PDNG</Cd></Sts>', '<Sts><Prtry>BOOK</Prtry></Sts>');
      expect(await importCounts(staff, own)).toEqual([0, 0, 0, 1]);
    });

    test('is one in a foreign currency, which is not money of the account', async () => {
      const lines: Line[] = [
        { amount: '7.00', text: toAlice, currency: 'USD', ref: 'U' },
        { amount: '1.00', text: toAlice, ref: 'E' },
      ];
      expect(await importCounts(staff, bankDay({ lines }))).toEqual([1, 0, 0, 1]);
      expect((await alice.client.call('list-balances', {})).balances.map(({ currency }) => currency)).toEqual(
        ['EUR'],
      );
    });

    test('is one of nothing', async () => {
      const lines: Line[] = [
        { amount: '0.00', text: toAlice, ref: 'Z' },
        { amount: '1.00', text: toAlice, ref: 'E' },
      ];
      expect(await importCounts(staff, bankDay({ lines }))).toEqual([1, 0, 0, 1]);
      expect(await balanceOf(alice)).toBe('1.00 EUR');
    });
  });

  test('accounts in other currencies credit other currencies', async () => {
    await importFile(
      staff,
      bankDay({ currency: 'JPY', opening: '0', lines: [{ amount: '500', text: toAlice }] }),
    );
    await importFile(
      staff,
      bankDay({ currency: 'KWD', opening: '0', lines: [{ amount: '1.005', text: toAlice }] }),
    );
    const { balances } = await alice.client.call('list-balances', {});
    expect(balances.map(({ balance }) => balance)).toEqual([
      { amount: '500', currency: 'JPY' },
      { amount: '1.005', currency: 'KWD' },
    ]);
    const decimals = bankDay({ currency: 'JPY', opening: '0', lines: [{ amount: '500', text: toAlice }] });
    await refusalOf(importFile(staff, decimals.replaceAll('>500<', '>500.5<')), 'statement_invalid');
  });

  describe('a batch', () => {
    const parts = () => [
      { amount: '10.00', text: toAlice },
      { amount: '20.00', text: toBob },
      { amount: '30.00', text: 'no reference' },
    ];

    test('is taken apart where its payments add up to it', async () => {
      expect(
        await importCounts(staff, bankDay({ lines: [{ amount: '60.00', ref: 'B', parts: parts() }] })),
      ).toEqual([2, 1, 0, 0]);
      expect([await balanceOf(alice), await balanceOf(bob), await inSuspense(harness)]).toEqual([
        '10.00 EUR',
        '20.00 EUR',
        '30.00',
      ]);
    });

    test('that does not add up, or does not say, goes to suspense whole', async () => {
      const lines: Line[] = [
        { amount: '59.00', ref: 'B1', parts: parts() },
        { amount: '61.00', ref: 'B2', parts: [{ text: toAlice }, { text: 'somebody else’s' }] },
        { amount: '62.00', ref: 'B3', parts: [{ text: toAlice }, { text: toAlice }] },
      ];
      expect(await importCounts(staff, bankDay({ lines }))).toEqual([0, 3, 0, 0]);
      expect([await balanceOf(alice), await inSuspense(harness)]).toEqual(['0 EUR', '182.00']);
      expect(await reasons()).toEqual(
        Array(3).fill('it is a batch that does not say what each payment in it is'),
      );
    });

    test('that is listed again in another order, whole, or in other parts is booked once', async () => {
      const line = { amount: '60.00', ref: 'B' };
      const shapes = [
        parts().reverse(),
        parts().map(({ amount }) => ({ amount })),
        [],
        [{ text: toAlice }],
        [
          { amount: '25.00', text: toAlice },
          { amount: '35.00', text: toBob },
        ],
      ];
      await importFile(staff, bankDay({ lines: [{ ...line, parts: parts() }] }));
      for (const shape of shapes) {
        const [credited, waiting] = await importCounts(
          staff,
          bankDay({ lines: [{ ...line, parts: shape }] }),
        );
        expect([credited, waiting], JSON.stringify(shape)).toEqual([0, 0]);
      }
      expect([await atBank(harness), await balanceOf(alice)]).toEqual(['60.00', '10.00 EUR']);
    });

    test('that was listed whole first is not booked again in parts', async () => {
      const line = { amount: '60.00', ref: 'B' };
      await importFile(staff, bankDay({ lines: [{ ...line, parts: [] }] }));
      expect(await importCounts(staff, bankDay({ lines: [{ ...line, parts: parts() }] }))).toEqual([
        0, 0, 3, 0,
      ]);
      expect([await atBank(harness), await balanceOf(alice)]).toEqual(['60.00', '0 EUR']);
    });

    test('with payments that are alike books them all, once', async () => {
      const alike = Array.from({ length: 5 }, () => ({ amount: '2.00', text: toAlice }));
      const xml = bankDay({ lines: [{ amount: '10.00', ref: 'B', parts: alike }] });
      expect(await importCounts(staff, xml)).toEqual([5, 0, 0, 0]);
      expect(await importCounts(staff, xml)).toEqual([0, 0, 5, 0]);
    });

    test('with very many payments does not crowd others out of the poster', async () => {
      const { poster } = harness.service.deps;
      let [waiting, most] = [0, 0];
      const counting: Poster = {
        ...poster,
        post: (intent) => {
          most = Math.max(most, (waiting += 1));
          return poster.post(intent).finally(() => (waiting -= 1));
        },
      };
      const parts = Array.from({ length: 1_500 }, () => ({ amount: '0.01', text: toAlice }));
      const body = pieces(bankDay({ lines: [{ amount: '15.00', ref: 'B', parts }] }));
      await performWith(harness, { poster: counting })(staff, {
        operation: 'import-statement',
        input: {},
        body,
      });
      expect(await balanceOf(alice)).toBe('15.00 EUR');
      expect(most).toBeLessThanOrEqual(500);
    });
  });

  describe('a file that is not sound is refused whole, with its line', () => {
    const refused = async (file: string | Uint8Array, line: number | undefined, reason: RegExp) => {
      const before = await everything(harness);
      const refusal = await refusalOf(importFile(staff, file), 'statement_invalid');
      expect([refusal.status, refusal.exitCode]).toEqual([400, 2]);
      expect(refusal.facts['reason']).toMatch(reason);
      if (line !== undefined) expect(refusal.facts['line']).toBe(String(line));
      expect(await everything(harness)).toEqual(before);
    };
    const good = () =>
      bankDay({
        lines: Array.from({ length: 50 }, (_, at) => ({ amount: '1.00', text: toAlice, ref: `R${at}` })),
      });

    test('because it is not XML, whatever it is called (ASVS V5.2.2)', async () => {
      await refused('IBAN;amount\nDE02;12.50\n', undefined, /./);
      await refused('', undefined, /./);
      await refused(' ', undefined, /./);
      await refused('{"entries": []}', 1, /./);
      await refused('<html><body>statement</body></html>', 1, /not a bank statement/);
      for (const magic of [
        '%PDF-1.7\n\u0000\u0001',
        'PK\u0003\u0004\u0014\u0000statement.xml',
        '\u0089PNG\r\n\u001a\n',
        '\u001f\u008b\b\u0000',
        'MZ\u0090\u0000',
        '\u007fELF\u0002',
        '#!/bin/sh\nexit\n',
        'GIF89a',
      ])
        await refused(Buffer.from(magic, 'latin1'), undefined, /./);
      // One thing in front and another behind.
      await refused(`%PDF-1.7\n${good()}`, undefined, /./);
      await refused(Buffer.concat([Buffer.from(good()), Buffer.from('PK\u0003\u0004')]), undefined, /./);
      await refused(Buffer.from(good(), 'utf16le'), 1, /UTF-16/);
      await refused(good().slice(0, -20), undefined, /./);
      await refused(`${good()}<more/>`, undefined, /./);
    });

    test('because it has a DOCTYPE, which could hide anything', async () => {
      const bomb = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>';
      await refused(good().replace('?>', `?>\n${bomb}`), 2, /DOCTYPE/);
      await refused(good().replace(`>${toAlice}<`, '>&lol;<'), undefined, /./);
    });

    test('because it lies about its sums', async () => {
      await refused(
        bankDay({ lines: [{ amount: '1.00', text: toAlice }], closing: '1001.01' }),
        7,
        /closing balance/,
      );
      await refused(good().replace('>1.00<', '>1000000.00<'), 7, /closing balance/);
    });

    test('because the last of many entries is broken, after the others were read', async () => {
      const xml = good();
      const at = xml.lastIndexOf('<Sts><Cd>BOOK</Cd></Sts>');
      await refused(xml.slice(0, at) + xml.slice(at).replace('<Cd>BOOK</Cd>', ''), undefined, /Sts/);
      await refused(xml.slice(0, at) + xml.slice(at).replace('2026-03-02', '2026-02-30'), undefined, /date/);
      const second = bankDay({ lines: [{ amount: '1.00', text: toAlice }], closing: '5.00' });
      const both = xml.replace('</Stmt>', `</Stmt>${/<Stmt>[^]*<\/Stmt>/.exec(second)?.[0] ?? ''}`);
      await refused(both, undefined, /closing balance/);
    });

    test('because a body did not come at all', async () => {
      await refusalOf(staff.client.call('import-statement', {}), 'input_invalid');
    });
  });

  describe('a body', () => {
    test('that breaks off leaves nothing behind', async () => {
      const before = await everything(harness);
      const xml = bankDay({ lines: [{ amount: '1.00', text: toAlice }] });
      async function* broken() {
        yield* pieces(xml.slice(0, 900), 100);
        throw new Error('connection reset');
      }
      // The connection is gone, so nobody reads this answer: it is only logged.
      const log = { info: () => undefined, error: () => undefined };
      const perform = performWith(harness, { log });
      await refusalOf(
        perform(staff, { operation: 'import-statement', input: {}, body: broken() }),
        'unexpected',
      );
      expect(await everything(harness)).toEqual(before);
      expect(await importCounts(staff, xml)).toEqual([1, 0, 0, 0]);
    });

    test('that is too large is refused while it comes (ASVS V5.2.1, V15.2.2)', async () => {
      let given = 0;
      async function* endless() {
        for (;;) {
          given += 1;
          yield Buffer.alloc(1_000, 32);
        }
      }
      const refused = await refusalOf(
        (async () => {
          for await (const chunk of atMost(endless(), 10_000)) void chunk;
        })(),
        'body_too_large',
      );
      expect([refused.status, refused.facts, given]).toEqual([413, { limit: '10000' }, 11]);
    });

    test('that says it is too large is refused before any of it comes (ASVS V5.2.1)', async () => {
      const { url } = await harness.serve();
      const head = (bytes: number) =>
        [
          ...['POST /v1/admin/deposits/imports HTTP/1.1', 'Host: x', 'Content-Type: application/xml'],
          ...[`Authorization: Bearer ${staff.token}`, `Content-Length: ${bytes}`, '', ''],
        ].join('\r\n');
      const answer = await raw(url, head(LIMITS.statementBytes + 1));
      expect(answer).toMatch(/^HTTP\/1\.1 413 [^]*"code":"body_too_large"/);
      // The positive control: one byte less is waited for.
      expect(await raw(url, head(LIMITS.statementBytes), 200)).toBe('');
      await expect.poll(() => spools()).toEqual([]);
    });

    test('is kept where nobody else can read it, and is gone afterwards', async () => {
      const spool = makeSpool();
      const lines = ['', 'hello', 'x'.repeat(100_000), 'é\u2028 '];
      for (const line of lines) spool.keep(line);
      await spool.settle();
      const again: string[] = [];
      for await (const some of spool.lines()) again.push(...some);
      expect(again).toEqual(lines);
      expect(spools()).toHaveLength(1);
      await spool.discard();
    });

    test.skipIf(!existsSync('/proc/self/fd'))(
      'that is refused early lets go of its file at once',
      async () => {
        async function* slowly() {
          yield* pieces('<?xml version="1.0"?>\n');
          await new Promise((resolve) => setTimeout(resolve, 20));
          yield* pieces('<html><body/>');
          yield* pieces(' '.repeat(5_000));
        }
        await Promise.all(
          Array.from({ length: 20 }, () =>
            refusalOf(staff.client.call('import-statement', {}, { body: slowly() }), 'statement_invalid'),
          ),
        );
        expect(openFiles().filter((path) => /okpay-[^/]{6}\/lines/.test(path))).toEqual([]);
      },
    );
  });

  describe('together and after a crash', () => {
    const many = (count: number) =>
      bankDay({
        lines: Array.from({ length: count }, (_, at) => ({
          amount: '1.00',
          text: at % 3 === 0 ? toAlice : at % 3 === 1 ? toBob : 'nothing',
          ref: `R${at}`,
        })),
      });

    test('two of staff importing one file at once book it once (ASVS V15.4.2)', async () => {
      const other = await person(harness, `senior${newKey()}`, 'senior');
      const xml = many(600);
      const both = await Promise.all([importCounts(staff, xml), importCounts(other, xml)]);
      const sums = [0, 1, 2, 3].map((at) => (both[0][at] ?? 0) + (both[1][at] ?? 0));
      expect(sums).toEqual([400, 200, 600, 0]);
      expect([await atBank(harness), await balanceOf(alice)]).toEqual(['600.00', '200.00 EUR']);
    });

    test('what was interrupted while it was booked is finished by importing it again', async () => {
      const { poster } = harness.service.deps;
      for (const after of [0, 1, 250, 599]) {
        let posts = 0;
        const dying: Poster = {
          ...poster,
          post: (intent) => {
            posts += 1;
            return posts > after ? Promise.reject(new Error('power cut')) : poster.post(intent);
          },
        };
        const perform = performWith(harness, {
          poster: dying,
          log: { info: () => undefined, error: () => undefined },
        });
        const body = pieces(many(600));
        await refusalOf(perform(staff, { operation: 'import-statement', input: {}, body }), 'unexpected');
        const booked = Number((await atBank(harness)).replace('.00', ''));
        expect(booked).toBeGreaterThanOrEqual(after);
      }
      await harness.reopen();
      const [credited, waiting, already] = await importCounts(staff, many(600));
      expect([credited + waiting, already]).toEqual([1, 599]);
      expect([await atBank(harness), await balanceOf(alice), await balanceOf(bob)]).toEqual([
        '600.00',
        '200.00 EUR',
        '200.00 EUR',
      ]);
    });

    test('positive control: without the identities that are kept, an import again books everything again', async () => {
      const { poster } = harness.service.deps;
      let copies = 0;
      const forgetful: Poster = {
        ...poster,
        post: ({ guards: _guards, ...intent }) =>
          poster.post({ ...intent, key: { ...intent.key, key: `${intent.key.key} ${(copies += 1)}` } }),
      };
      const perform = performWith(harness, { poster: forgetful });
      for (let time = 0; time < 2; time++) {
        await perform(staff, { operation: 'import-statement', input: {}, body: pieces(many(9)) });
      }
      expect(await atBank(harness)).toBe('18.00');
    });
  });

  test('only staff import, and viewers only look', async () => {
    const xml = bankDay({ lines: [{ amount: '1.00', text: toAlice }] });
    const viewer = await person(harness, `viewer${newKey()}`, 'viewer');
    for (const who of [alice, viewer]) {
      expect((await refusalOf(importFile(who, xml), 'role_insufficient')).facts).toEqual({ role: 'support' });
    }
    await refusalOf(alice.client.call('list-suspense', {}), 'role_insufficient');
    expect((await viewer.client.call('list-suspense', {})).items).toEqual([]);
    const body = pieces(xml);
    await refusalOf(harness.client().call('import-statement', {}, { body }), 'session_required');
  });

  test('deposit instructions name a reference and only currencies there are', async () => {
    expect(toAlice).toMatch(/^RF[0-9]{2}[A-Z]{12}$/);
    expect(await alice.client.call('get-deposit-instructions', { currency: 'eur' })).toMatchObject({
      reference: toAlice,
    });
    await refusalOf(alice.client.call('get-deposit-instructions', { currency: 'XAU' }), 'currency_unknown');
    expect(toBob).not.toBe(toAlice);
  });
});

/** The paths of the files that this process has open. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return [];
    }
  });
}

/** What `makeSpool` left in the folder for temporary files. */
function spools(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^okpay-[A-Za-z0-9]{6}$/.test(name));
}
