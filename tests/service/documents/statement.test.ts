import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeIdMaker } from '../../../src/core/contract/ids.ts';
import { holderAccount } from '../../../src/service/ledger/accounts.ts';
import { readStatements, type StatementEnd } from '../../../src/service/rails/read-statement.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { pieces } from '../bank/bank-day.ts';
import { audit, fund, money, newKey, person, refusalOf } from '../money/wallet.ts';
import { tokenOf } from '../tokens/token-holder.ts';
import { cents, statementJson, statementText, textOf } from './read-documents.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const SCHEMA = join(DATA, 'iso20022/xsd/camt.053.001.08.xsd');
const DAY_MS = 86_400_000;

const missing = ((): string | undefined => {
  if (!existsSync(SCHEMA)) return `no test data at ${DATA}`;
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'xmllint is not installed';
  }
})();

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine, startAt: Date.parse('2026-03-30T23:00:00.000Z') });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const pay = (from: Holder, to: Holder, amount: string, note?: string) =>
    from.client.call(
      'create-transfer',
      { to: to.email, amount: money(amount), ...(note === undefined ? {} : { note }) },
      { key: newKey() },
    );

  test('opens with what was there, tells every entry with the balance after it, and closes with what they make', async () => {
    const admin = await harness.staff();
    await admin.client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.50' });
    await pay(alice, bob, '10 EUR', 'Lunch');
    harness.clock.advance(2 * DAY_MS);
    for (const amount of ['1.00', '2.00', '3.00']) await pay(alice, bob, `${amount} EUR`);
    await pay(bob, alice, '4 EUR');
    const march = await statementJson(alice.client, { month: '2026-03' });
    const april = await statementJson(alice.client);
    expect([march.from, march.to, march.isOver]).toEqual(['2026-03-01', '2026-03-31', true]);
    expect([april.month, april.to, april.isOver]).toEqual(['2026-04', '2026-04-01', false]);
    expect(march.accounts).toHaveLength(1);
    const [first, second] = [march.accounts[0], april.accounts[0]];
    expect([first?.opening, first?.closing]).toEqual([money('0.00 EUR'), money('89.50 EUR')]);
    expect(
      first?.entries.map(({ number, what, amount, fee, note }) => [number, what, amount.amount, fee, note]),
    ).toEqual([
      [1, 'Deposit from Bank', '100.00', undefined, undefined],
      [2, 'Payment to Bob Example', '-10.50', money('0.50 EUR'), 'Lunch'],
    ]);
    expect([second?.opening, second?.closing]).toEqual([first?.closing, money('86.00 EUR')]);
    expect(second?.credits).toEqual({ count: 1, sum: money('4.00 EUR') });
    expect(second?.debits).toEqual({ count: 3, sum: money('7.50 EUR') });
    for (const { opening, closing, entries, credits, debits } of [...march.accounts, ...april.accounts]) {
      let balance = cents(opening);
      for (const { amount, balanceAfter } of entries) {
        balance += cents(amount);
        expect(cents(balanceAfter)).toBe(balance);
      }
      expect(balance).toBe(cents(closing));
      expect(cents(opening) + cents(credits.sum) - cents(debits.sum)).toBe(balance);
    }
    // The same as history tells, which is read in another way.
    const { transfers } = await alice.client.call('list-transfers', { limit: 100 });
    const told = [...march.accounts, ...april.accounts].flatMap(({ entries }) => entries).reverse();
    expect(told.map(({ transfer, balanceAfter }) => [transfer, balanceAfter])).toEqual(
      transfers.map(({ id, balanceAfter }) => [id, balanceAfter]),
    );
  });

  test('as text and as a page says the same, says that a month is not over, and that there was none yet', async () => {
    await pay(alice, bob, '1234567 JPY').catch(() => undefined);
    await pay(alice, bob, '10 EUR');
    const text = await statementText(alice.client);
    expect(text).toContain('The month is not over: more may still come.');
    expect(text).toMatch(/^2026-03-30 23:00 +-10\.00 +90\.00 +trf_\w+ {2}Payment to Bob Example$/m);
    expect(text).toMatch(/^ +90\.00 {2}Balance so far$/m);
    expect(text).toContain('Opening and entries make 90.00 EUR.');
    const page = await statementText(alice.client, { format: 'html' });
    expect(page).toContain('The month is not over');
    expect(page).toContain('<td class="figure">-10.00</td><td class="figure">90.00</td>');
    expect(await statementText(alice.client, { month: '2026-02' })).toContain(
      'No money had come in by then.',
    );
    const empty = await statementJson(alice.client, { month: '2026-02', currency: 'JPY' });
    expect(empty.accounts[0]).toMatchObject({
      opening: money('0 JPY'),
      closing: money('0 JPY'),
      entries: [],
    });
    const { facts } = await refusalOf(statementText(alice.client, { month: '2026-04' }), 'input_invalid');
    expect(facts).toEqual({ field: 'month', reason: 'has not begun: this one is 2026-03' });
  });

  test.skipIf(missing)(
    `as camt.053 is valid, and our own reader proves it${missing ? ` (skipped: ${missing})` : ''}`,
    async () => {
      await pay(alice, bob, '10 EUR', 'Ampersands & <angles> \u0001 and a tail of blanks  ');
      await fund(harness, alice, '700', 'JPY');
      harness.clock.advance(2 * DAY_MS);
      await pay(alice, bob, '1 EUR');
      const folder = mkdtempSync(join(tmpdir(), 'okpay-statement-'));
      try {
        const paths = [];
        for (const input of [{ month: '2026-03' }, {}, { month: '2026-02', currency: 'EUR' }] as const) {
          const xml = await statementText(alice.client, { ...input, format: 'camt053' });
          const path = join(folder, `${paths.length}.xml`);
          writeFileSync(path, xml);
          paths.push(path);
          const ends: StatementEnd[] = [];
          for await (const event of readStatements(pieces(xml)))
            if (event.type === 'statement-end') ends.push(event);
          expect(ends.length).toBe('currency' in input ? 1 : 2);
          for (const { proof } of ends)
            expect(proof).toMatchObject({
              isSummaryProven: true,
              isBalanced: 'month' in input ? true : undefined,
            });
        }
        execFileSync('xmllint', ['--nonet', '--noout', '--schema', SCHEMA, ...paths], { stdio: 'pipe' });
      } finally {
        rmSync(folder, { recursive: true });
      }
      const { facts } = await refusalOf(
        statementText(alice.client, { month: '2026-01', format: 'camt053' }),
        'input_invalid',
      );
      expect(facts['field']).toBe('format');
    },
  );

  describe('the chain of an account', () => {
    /** Pays with an id that was made earlier, as another node's may be. */
    const payAs = (id: string) => {
      const [from, to] = [holderAccount(alice.id, 'EUR'), holderAccount(bob.id, 'EUR')];
      return harness.service.deps.poster.post({
        id,
        initiator: alice.id,
        key: { owner: 'system:test', key: id, fingerprint: '' },
        transfer: { kind: 'transfer', from, to, paid: 100n, fee: 0n, received: 100n },
        entries: [
          { account: from, amount: -100n },
          { account: to, amount: 100n },
        ],
      });
    };

    test('is told in its own order, whatever that of the ids, and a month ends where the next begins', async () => {
      const { now } = harness.service.deps;
      const newId = makeIdMaker(now, (bytes) => new Uint8Array(bytes).fill(7));
      harness.clock.advance(3_500_000);
      const early = Array.from({ length: 5 }, () => newId('transfer'));
      harness.clock.advance(99_000);
      const late = Array.from({ length: 5 }, () => newId('transfer'));
      // The last one is posted first, two of them after midnight.
      for (const id of [...late, ...early].reverse().slice(0, 8)) await payAs(id);
      harness.clock.advance(60_000);
      for (const id of [...late, ...early].reverse().slice(8)) await payAs(id);
      const march = (await statementJson(alice.client, { month: '2026-03' })).accounts[0];
      const all = march?.entries.map(({ number }) => number);
      expect(all).toEqual(Array.from({ length: 11 }, (_, at) => at + 1));
      expect(march?.entries.map(({ transfer }) => transfer)).not.toEqual(
        march?.entries.map(({ transfer }) => transfer).toSorted(),
      );
      expect(march?.closing).toEqual(money('90.00 EUR'));
    });

    test('that is broken is told to nobody', async () => {
      for (let at = 0; at < 3; at++) await pay(alice, bob, '1 EUR');
      const { engine: db } = harness.service.deps;
      const tamper = (by: number) =>
        db.transact((tx) =>
          tx.run(
            `UPDATE entries SET balance_before = balance_before + ?, balance_after = balance_after + ? WHERE seq = 2
              AND account = (SELECT id FROM accounts WHERE owner = ?)`,
            [by, by, alice.id],
          ),
        );
      await tamper(1);
      await expect(statementText(alice.client)).rejects.toThrow(/no chain after number 1/);
      await tamper(-1);
      expect((await statementJson(alice.client)).accounts[0]?.closing).toEqual(money('97.00 EUR'));
    });
  });

  test('is for its holder, a token that may read, and staff who say why: that is recorded', async () => {
    await pay(alice, bob, '10 EUR');
    const { client } = await tokenOf(harness, alice, { scopes: ['read'] });
    expect((await statementJson(client)).accounts[0]?.closing).toEqual(money('90.00 EUR'));
    const paying = await tokenOf(harness, alice, { scopes: ['pay'] });
    await refusalOf(statementText(paying.client), 'scope_insufficient');
    const senior = await person(harness, 'senior', 'senior');
    const asked = { holder: alice.email, month: '2026-03', format: 'json', reason: 'a court asked' } as const;
    const taken = JSON.parse(await textOf(senior.client.stream('export-statement', asked))) as unknown;
    expect(taken).toEqual(await statementJson(alice.client, { month: '2026-03' }));
    const [row] = await harness.service.deps.engine.all<{ subject: string; reason: string; facts: string }>(
      "SELECT subject, reason, facts FROM audit_log WHERE action = 'statement-exported'",
    );
    expect(row).toMatchObject({ subject: alice.id, reason: 'a court asked' });
    expect(JSON.parse(row?.facts ?? '')).toEqual({ format: 'json', month: '2026-03' });
    const support = await person(harness, 'support', 'support');
    await refusalOf(textOf(support.client.stream('export-statement', asked)), 'role_insufficient');
  });
});
