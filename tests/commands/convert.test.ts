import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { EXCHANGE_QUOTE_LIFE_MS } from '../../src/service/payments/make-quote.ts';
import { balanceOf, fund } from '../service/money/wallet.ts';
import { rate } from '../service/exchange/rates-here.ts';
import { document, openPaying, type Paying } from './paying.ts';

let paying: Paying;
beforeEach(async () => {
  paying = await openPaying();
  await fund(paying.harness, paying.alice, '100');
  await rate(paying.harness, 'USD', '1.25');
  await rate(paying.harness, 'JPY', '160');
});
afterEach(() => paying.close());

describe('a conversion', () => {
  test('shows rate, spread and what all of it costs, asks, and does exactly that', async () => {
    const { exitCode, stdout, ...written } = await paying.line('convert 10 eur usd', { keys: ['y\r'] });
    expect(exitCode).toBe(0);
    const stderr = stripVTControlCharacters(written.stderr);
    expect(stderr).toContain(
      [
        'You pay:         10.00 EUR',
        'Fee:             none',
        'Rate:            1 EUR = 1.24375 USD',
        'Mid-market rate: 1 EUR = 1.25 USD (test, 2026-03-02 ',
      ].join('\n'),
    );
    expect(stderr).toContain(
      [
        'Spread:          0.50 %',
        'Costs in all:    0.06 EUR against the mid-market rate',
        'You get:         12.43 USD',
        'Arrives:         at once',
        'Price holds:     until ',
      ].join('\n'),
    );
    expect(stderr).toContain('Change it?');
    expect(stdout.replace(/trf_\w+/, 'ID')).toBe(
      [
        'Changed 10.00 EUR into 12.43 USD.',
        'You paid:     10.00 EUR',
        'Fee:          none',
        'You got:      12.43 USD',
        'You have now: 90.00 EUR',
        'Transfer:     ID',
        '',
      ].join('\n'),
    );
    expect(paying.open()).toEqual([]);
  });

  test('fixes what is to be got with --from, and does what an earlier quote said', async () => {
    const done = document(await paying.line('convert 12.43 USD --from EUR --yes --json'));
    expect(done).toMatchObject({
      kind: 'conversion',
      paid: { amount: '10.00', currency: 'EUR' },
      received: { amount: '12.43', currency: 'USD' },
      fromEarlier: false,
    });
    const { id } = document<{ id: string }>(await paying.line('quote 10 EUR USD --json'));
    expect(document(await paying.line(`convert --quote ${id} --yes --json`))).toMatchObject({ quote: id });
  });

  test('that was interrupted is found out about when it is typed again, and done once', async () => {
    const lost = await paying.line('convert 10 EUR USD --yes', {
      between: async (call, reach) => {
        const answer = await reach();
        if (call.operation === 'create-transfer') throw new Refusal('outcome_unknown');
        return answer;
      },
    });
    expect([lost.exitCode, paying.open().length]).toEqual([10, 1]);
    expect((await paying.line('pending --list')).stdout).toContain('10.00 EUR into USD');
    // Another one is not the same, and is not taken for it.
    const other = await paying.line('convert 10 EUR JPY --yes');
    expect(other.stderr).toContain('An earlier send was interrupted. It is paid: 10.00 EUR into USD, trf_');
    expect(other.stdout).toContain('Changed 10.00 EUR into 1592 JPY.');
    expect(await balanceOf(paying.alice, 'USD')).toBe('12.43 USD');
    expect(paying.open()).toEqual([]);
  });

  test('typed again in the same words is the answer of the interrupted one', async () => {
    await paying.line('convert 12.43 USD --from EUR --yes', {
      between: async (call, reach) => {
        const answer = await reach();
        if (call.operation === 'create-transfer') throw new Refusal('outcome_unknown');
        return answer;
      },
    });
    // Long after its quote: what was done was done at its figures.
    paying.harness.clock.advance(EXCHANGE_QUOTE_LIFE_MS + 1);
    const again = await paying.line('convert 12.43 USD --from EUR --yes');
    expect(again.stderr).toContain('This is its outcome; nothing else was sent.');
    expect(await balanceOf(paying.alice, 'USD')).toBe('12.43 USD');
  });

  test('under a key of one’s own happens once, and the key is for these currencies', async () => {
    const once = 'convert 10 EUR USD --yes --json --idempotency-key mine';
    const first = document<{ id: string }>(await paying.line(once));
    expect(document(await paying.line(once))).toMatchObject({ id: first.id, fromEarlier: true });
    const other = await paying.line('convert 10 EUR JPY --yes --idempotency-key mine');
    expect(other.exitCode).toBe(6);
    expect(other.stderr).toContain('otherCurrency');
  });

  test('that makes no sense is refused with what to do', async () => {
    for (const [line, sentence] of [
      ['convert', 'Say how much of what into what'],
      ['convert 10 EUR', 'Say how much of what into what'],
      ['convert 10 EUR USD --from EUR', 'Say how much of what into what'],
      ['convert 10 EUR EUR --yes', 'a conversion is between two'],
      ['convert 10 EUR XXX', 'not an active ISO 4217'],
      ['convert 1.234 EUR USD', 'at most 2 decimals'],
      ['convert 10 EUR USD --quote quo_1', 'give --quote alone'],
      ['convert 10 EUR USD', '--yes is needed'],
      ['convert 10 EUR USD --yes --max-fee x', 'is not an amount'],
    ] as const) {
      const { exitCode, stderr } = await paying.line(line);
      expect(stderr, line).toContain(sentence);
      expect(exitCode, line).toBe(2);
    }
    expect(await paying.payments()).toBe(0);
  });
});

describe('a payment across currencies', () => {
  test('pays from another currency, or lets them get another one', async () => {
    const from = document(await paying.line('send bob@example.com 10 USD --from EUR --yes --json'));
    expect(from).toMatchObject({
      kind: 'transfer',
      paid: { amount: '8.05', currency: 'EUR' },
      received: { amount: '10.00', currency: 'USD' },
    });
    const receive = document(await paying.line('send bob@example.com 10 EUR --receive JPY --yes --json'));
    expect(receive).toMatchObject({ received: { amount: '1592', currency: 'JPY' } });
    const { stdout } = await paying.line('history', { columns: 160 });
    expect(stripVTControlCharacters(stdout)).toMatch(/to Bob Example +-10\.00 EUR/);
  });

  test('is compared from each currency there is', async () => {
    await fund(paying.harness, paying.alice, '5', 'USD');
    const compared = await paying.line('quote compare bob@example.com 10 USD', { columns: 160 });
    const stdout = stripVTControlCharacters(compared.stdout);
    expect(compared.exitCode).toBe(0);
    expect(stdout).toMatch(/8\.05 EUR +0\.00 EUR +1\.24375 +0\.05 EUR +quo_\w+\n/);
    expect(stdout).toMatch(/10\.00 USD \(too little there\) +0\.00 USD +0\.00 USD +quo_\w+\n/);
    expect(stdout).toContain('okpay send --quote ID');
    const own = await paying.line('quote compare 10 USD', { columns: 160 });
    expect(own.stdout).toContain('okpay convert --quote ID');
    expect((await paying.line('quote compare bob@example.com')).exitCode).toBe(2);
  });
});

test('history tells a conversion from the account that is asked about', async () => {
  await paying.line('convert 10 EUR USD --yes');
  const of = async (line: string) =>
    stripVTControlCharacters((await paying.line(line, { columns: 160 })).stdout);
  expect(await of('history')).toMatch(/into 12\.43 USD +-10\.00 EUR +90\.00 EUR/);
  expect(await of('history --currency USD')).toMatch(/for 10\.00 EUR +\+12\.43 USD +12\.43 USD/);
  expect(await of('history --kind conversion')).toContain('into 12.43 USD');
});

test('accounts are listed, opened and closed', async () => {
  expect((await paying.line('account open usd')).stdout).toContain('Your account in USD is open.');
  expect((await paying.line('account close USD')).stdout).toContain(
    'it takes no money until you open it again',
  );
  expect((await paying.line('account list')).stdout).toMatch(/EUR +open +100\.00 EUR[^]*USD +closed/);
  const full = await paying.line('account close EUR');
  expect([full.exitCode, full.stderr]).toEqual([
    3,
    expect.stringContaining('There is 100.00 EUR in the account'),
  ]);
  const none = await paying.line('account close GBP');
  expect([none.exitCode, none.stderr]).toEqual([5, expect.stringContaining('There is no account “GBP”')]);
});
