import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { parseCurrency } from '../../../src/core/money.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { EXCHANGE_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { insertRates } from '../../../src/service/store/rates.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, money, pay, person, refusalOf, say } from './wallet.ts';

const DAY = 86_400_000;

/** Puts a rate there as an import would. */
async function rate(harness: Harness, currency: string, value: string): Promise<void> {
  const { deps } = harness.service;
  const at = timestamp(deps.now());
  await deps.engine.transact((tx) =>
    insertRates(tx, [
      {
        id: deps.newId('rate'),
        base: 'EUR',
        currency: parseCurrency(currency),
        rate: value,
        at,
        goodUntil: timestamp(deps.now() + DAY),
        source: 'test',
        alone: 0n,
        addedAt: at,
        addedBy: 'system:test',
      },
    ]),
  );
}

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await rate(harness, 'USD', '1.25');
    await rate(harness, 'JPY', '160');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const ask = (input: Input<'create-quote'>) => alice.client.call('create-quote', input);

  test('a conversion pays oneself in another currency, exactly as it was quoted', async () => {
    const priced = await ask({ amount: money('10 EUR'), receive: 'USD' });
    expect(priced).toMatchObject({
      kind: 'conversion',
      to: { id: alice.id },
      fixed: 'source',
      youPay: money('10.00 EUR'),
      fee: money('0.00 EUR'),
      theyGet: money('12.43 USD'),
      exchange: {
        midMarket: '1.25',
        rate: '1.24375',
        exact: '5/4',
        spreadBasisPoints: 50,
        source: 'test',
        // 12.43 USD are worth 9.944 EUR.
        cost: money('0.06 EUR'),
      },
      arrives: 'at once',
      expiresAt: timestamp(harness.clock.now() + EXCHANGE_QUOTE_LIFE_MS),
      warnings: [],
    });
    expect(await alice.client.call('get-quote', { quote: priced.id })).toEqual(priced);
    const done = await pay(alice, priced);
    expect(done).toMatchObject({
      kind: 'conversion',
      direction: 'own',
      paid: money('10.00 EUR'),
      received: money('12.43 USD'),
      balanceAfter: money('90.00 EUR'),
    });
    expect(await balanceOf(alice, 'EUR')).toBe('90.00 EUR');
    expect(await balanceOf(alice, 'USD')).toBe('12.43 USD');
    expect(await alice.client.call('get-transfer', { transfer: done.id })).toEqual(done);
    const { transfers } = await alice.client.call('list-transfers', {});
    expect(transfers.map(({ id }) => id).filter((id) => id === done.id)).toHaveLength(1);
    const inUsd = await alice.client.call('list-transfers', { currency: 'USD' });
    expect(inUsd.transfers).toMatchObject([{ id: done.id, balanceAfter: money('12.43 USD') }]);
  });

  test('a payment crosses currencies, with the amount of either side fixed', async () => {
    const paysAll = await ask({ to: bob.email, amount: money('10 EUR'), receive: 'JPY' });
    expect(paysAll).toMatchObject({ kind: 'transfer', fixed: 'source', theyGet: money('1592 JPY') });
    const getsAll = await ask({ to: bob.email, amount: money('1592 JPY'), from: 'EUR' });
    expect([getsAll.fixed, say(getsAll.youPay), say(getsAll.theyGet)]).toEqual([
      'target',
      '10.00 EUR',
      '1592 JPY',
    ]);
    const done = await pay(alice, getsAll);
    expect(done).toMatchObject({ kind: 'transfer', direction: 'out', received: money('1592 JPY') });
    expect(await balanceOf(bob, 'JPY')).toBe('1592 JPY');
    expect(await bob.client.call('get-transfer', { transfer: done.id })).toMatchObject({
      direction: 'in',
      balanceAfter: money('1592 JPY'),
    });
  });

  test('between two currencies that are both not the base the rate is exact', async () => {
    const { exchange } = await ask({ amount: money('1000 JPY'), receive: 'USD' });
    expect(exchange).toMatchObject({ midMarket: '0.0078125', exact: '1/128' });
  });

  test('without a rate, or with one that is too old, there is no price', async () => {
    await refusalOf(ask({ amount: money('10 EUR'), receive: 'KWD' }), 'rate_unknown');
    harness.clock.advance(DAY);
    await ask({ amount: money('10 EUR'), receive: 'USD' });
    harness.clock.advance(1);
    await refusalOf(ask({ amount: money('10 EUR'), receive: 'USD' }), 'rate_stale');
  });

  test('a quote is paid at its rate, whatever the rate is by then, and only while it binds', async () => {
    const [paid, late] = [
      await ask({ amount: money('10 EUR'), receive: 'USD' }),
      await ask({ amount: money('10 EUR'), receive: 'USD' }),
    ];
    await rate(harness, 'USD', '99');
    expect(say((await pay(alice, paid)).received)).toBe('12.43 USD');
    harness.clock.advance(EXCHANGE_QUOTE_LIFE_MS + 1);
    await refusalOf(pay(alice, late), 'quote_expired');
  });
});
