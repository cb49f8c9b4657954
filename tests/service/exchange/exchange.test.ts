import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { decide } from '../../../src/service/approvals/decide.ts';
import { runApproval } from '../../../src/service/approvals/run.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { EXCHANGE_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { exportTransactions } from '../../../src/service/ledger/export-transactions/export-transactions.ts';
import { compareQuotes } from '../../../src/service/watch/quote-difference.ts';
import { recordsOf } from '../../csv-records.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { tokenOf } from '../tokens/token-holder.ts';
import { audit, balanceOf, fund, money, newKey, pay, person, refusalOf, say } from '../money/wallet.ts';
import { DAY, rate } from './rates-here.ts';

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

  test('a line of an export says at which rate it was exchanged', async () => {
    await pay(alice, await ask({ amount: money('10 EUR'), receive: 'JPY' }));
    const snapshot = await harness.service.deps.engine.openSnapshot();
    let text = '';
    for await (const piece of exportTransactions(snapshot, { holder: alice.id }, { format: 'csv' }))
      text += piece;
    await snapshot.close();
    const rows = recordsOf(text);
    const rateOf = rows[0]?.indexOf('rate') ?? -1;
    expect(rows.slice(1).map((row) => [row[4], row[5], row[rateOf]])).toEqual([
      ['100.00', 'EUR', ''],
      ['-10.00', 'EUR', '159.2'],
      ['1592', 'JPY', '159.2'],
    ]);
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

  test('the amount is of one of both currencies, and says by that which side it fixes', async () => {
    const refused = async (input: Input<'create-quote'>, field: string) => {
      const { facts } = await refusalOf(ask(input), 'input_invalid');
      expect(facts['field']).toBe(field);
    };
    await refused({ amount: money('10 GBP'), from: 'EUR', receive: 'USD' }, 'amount');
    await refused({ to: bob.email, amount: money('10 GBP'), from: 'EUR', receive: 'USD' }, 'amount');
    await refused({ amount: money('10 EUR') }, 'receive');
    await refused({ amount: money('10 EUR'), from: 'EUR', receive: 'EUR' }, 'receive');
    await refused({ amount: money('10 EUR'), receive: 'USD', feeFrom: 'sender' }, 'feeFrom');
    await refused({ amount: money('10 USD'), from: 'EUR', feeFrom: 'recipient' }, 'feeFrom');
    for (const code of ['XXX', 'XAU', 'BGN', 'eu', '€'])
      await refusalOf(ask({ amount: money('10 EUR'), receive: code }), 'currency_unknown');
    for (const text of ['0.5 JPY', '1.234 USD', '0 USD', '-1 USD', '1e3 USD'])
      await refusalOf(ask({ amount: money(text), from: 'EUR' }), 'amount_invalid');
  });

  test('what is worth less than the least amount there is is refused, not given or taken for nothing', async () => {
    const { facts } = await refusalOf(
      ask({ amount: money('0.01 EUR'), receive: 'JPY' })
        .then((q) => pay(alice, q))
        .then(() => ask({ amount: money('1 JPY'), receive: 'KWD' })),
      'rate_unknown',
    );
    expect(facts).toMatchObject({ from: 'JPY', to: 'KWD' });
    await rate(harness, 'KWD', '0.0001');
    await refusalOf(ask({ amount: money('1 JPY'), receive: 'KWD' }), 'amount_invalid');
    await refusalOf(ask({ amount: money('92233720368547758.07 EUR'), receive: 'JPY' }), 'amount_invalid');
  });

  test('every fee has its name, and the cost is against the middle of the market', async () => {
    const { client } = await person(harness, 'olga', 'admin');
    await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.20' });
    await client.call('set-fee', { kind: 'conversion', currency: 'EUR', basisPoints: 100 });
    await client.call('set-spread', { one: 'USD', other: 'EUR', basisPoints: 200 });
    const priced = await ask({ to: bob.email, amount: money('10 EUR'), receive: 'USD' });
    expect(priced).toMatchObject({
      youPay: money('10.00 EUR'),
      fee: money('0.30 EUR'),
      fees: [
        { kind: 'transfer', name: 'Transfer fee', amount: money('0.20 EUR') },
        { kind: 'conversion', name: 'Conversion fee', amount: money('0.10 EUR') },
      ],
      // 9.70 EUR at 1.25 less two percent, rounded down.
      theyGet: money('11.88 USD'),
      exchange: { rate: '1.225', spreadBasisPoints: 200, cost: money('0.50 EUR') },
    });
    expect((await ask({ amount: money('10 EUR'), receive: 'USD' })).fees).toMatchObject([
      { kind: 'conversion' },
    ]);
    const bill = await ask({ to: bob.email, amount: money('11.88 USD'), from: 'EUR' });
    expect([say(bill.youPay), say(bill.fee)]).toEqual(['10.00 EUR', '0.30 EUR']);
    expect((await ask({ amount: money('10 EUR'), receive: 'JPY' })).exchange?.spreadBasisPoints).toBe(50);
    await pay(alice, priced);
    await refusalOf(pay(alice, bill, { maximumFee: '0.29' }), 'fee_above_maximum');
  });

  test('a spread that is announced holds from its time on', async () => {
    const { client } = await person(harness, 'olga', 'admin');
    const spreadOf = async () =>
      (await ask({ amount: money('10 EUR'), receive: 'USD' })).exchange?.spreadBasisPoints;
    await client.call('set-spread', { basisPoints: 10 });
    await client.call('set-spread', {
      basisPoints: 20,
      effectiveFrom: timestamp(harness.clock.now() + 1_000),
    });
    expect(await spreadOf()).toBe(10);
    expect((await client.call('list-spreads', {})).spreads.map(({ basisPoints }) => basisPoints)).toEqual([
      10, 20,
    ]);
    harness.clock.advance(1_000);
    expect(await spreadOf()).toBe(20);
    await refusalOf(
      client.call('set-spread', { basisPoints: 1, effectiveFrom: timestamp(harness.clock.now() - 1) }),
      'input_invalid',
    );
    await refusalOf(client.call('set-spread', { one: 'EUR', other: 'EUR', basisPoints: 1 }), 'input_invalid');
  });

  test('one payment is priced from each currency there is, and any of the quotes can be paid', async () => {
    await fund(harness, alice, '100', 'USD');
    await fund(harness, alice, '5', 'JPY');
    await fund(harness, alice, '5', 'KWD');
    const { quotes, others } = await alice.client.call('compare-quotes', {
      to: bob.email,
      amount: money('20 USD'),
    });
    expect(quotes.map(({ youPay }) => say(youPay))).toEqual(['20.00 USD', '16.09 EUR', '2573 JPY']);
    expect(others).toMatchObject([{ currency: 'KWD', code: 'rate_unknown' }]);
    expect(quotes.map(({ warnings }) => warnings.some(({ code }) => code === 'insufficient_funds'))).toEqual([
      false,
      false,
      true,
    ]);
    await pay(alice, quotes[1] ?? { id: '' });
    expect(await balanceOf(bob, 'USD')).toBe('20.00 USD');
    const own = await alice.client.call('compare-quotes', { amount: money('20 USD') });
    expect(own.quotes.map(({ kind, youPay }) => [kind, youPay.currency])).toEqual([
      ['conversion', 'EUR'],
      ['conversion', 'JPY'],
    ]);
    await refusalOf(
      alice.client.call('compare-quotes', { to: alice.email, amount: money('20 USD') }),
      'recipient_is_self',
    );
  });

  test('used fifty times at once a conversion happens once', async () => {
    const priced = await ask({ amount: money('10 EUR'), receive: 'USD' });
    const ends = await Promise.allSettled(Array.from({ length: 50 }, () => pay(alice, priced)));
    expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await balanceOf(alice, 'USD')).toBe('12.43 USD');
    await refusalOf(pay(bob, priced), 'not_found');
  });

  test('whoever may not convert does it neither for themselves nor on the way to somebody', async () => {
    const { client } = await person(harness, 'sam', 'support');
    const [own, across] = [
      await ask({ amount: money('1 EUR'), receive: 'USD' }),
      await ask({ to: bob.email, amount: money('1 EUR'), receive: 'USD' }),
    ];
    await client.call('restrict-account', {
      holder: alice.email,
      capabilities: ['convert'],
      inFlight: 'freeze',
      reason: 'test',
    });
    for (const priced of [own, across]) {
      const { facts } = await refusalOf(pay(alice, priced), 'account_restricted');
      expect(facts['capability']).toBe('convert');
    }
    await pay(alice, await ask({ to: bob.email, amount: money('1 EUR') }));
  });

  test('a token pays across currencies within what it may pay in the one it pays in', async () => {
    const { client } = await tokenOf(harness, await harness.holder('tom'), {
      caps: [{ per: 'day', most: money('10 EUR') }],
    });
    const { user } = await client.call('get-me', {});
    await fund(harness, user, '100');
    await fund(harness, user, '100', 'USD');
    const payAt = async (input: Input<'create-quote'>) => {
      const { id } = await client.call('create-quote', input);
      return client.call('create-transfer', { quote: id }, { key: newKey() });
    };
    await payAt({ amount: money('6 EUR'), receive: 'USD' });
    await refusalOf(payAt({ to: bob.email, amount: money('6 EUR'), receive: 'USD' }), 'cap_exceeded');
    await refusalOf(payAt({ amount: money('1 USD'), receive: 'EUR' }), 'cap_exceeded');
  });

  test('executed less quoted is zero in both currencies, and would be seen in the one it is not', async () => {
    const { engine: db, now } = harness.service.deps;
    const comparison = compareQuotes();
    await comparison.goOn(db, now());
    const done = await pay(alice, await ask({ amount: money('10 EUR'), receive: 'USD' }));
    await pay(alice, await ask({ to: bob.email, amount: money('500 JPY'), from: 'EUR' }));
    harness.clock.advance(2 * 60_000);
    const found = await comparison.goOn(db, now());
    expect([found.compared, ...found.differences]).toEqual([2, ['EUR', 0], ['USD', 0], ['JPY', 0]]);
    // The control: a fault in what was booked.
    const again = compareQuotes();
    harness.clock.advance(-2 * 60_000);
    await again.goOn(db, now());
    harness.clock.advance(2 * 60_000);
    await db.transact((tx) => tx.run('UPDATE transfers SET received = received + 3 WHERE id = ?', [done.id]));
    expect([...(await again.goOn(db, now())).differences]).toEqual([
      ['EUR', 0],
      ['USD', 3],
      ['JPY', 0],
    ]);
    expect((await alice.client.call('get-transfer', { transfer: done.id })).received).toEqual(
      money('12.46 USD'),
    );
    await db.transact((tx) => tx.run('UPDATE transfers SET received = received - 3 WHERE id = ?', [done.id]));
  });

  test('why tells of the rate to the one who paid, and of no more than the money to the one who was paid', async () => {
    const why = async (holder: Holder, id: string) =>
      (await holder.client.call('explain', { id })).because.join(' ');
    const own = await pay(alice, await ask({ amount: money('10 EUR'), receive: 'USD' }));
    expect(await why(alice, own.id)).toMatch(
      /^Alice Example changed 10\.00 EUR into 12\.43 USD; the fee was 0\.00 EUR\. The rate was 1 EUR = 1\.24375 USD: .* cost 0\.06 EUR, fees included\./,
    );
    const across = await pay(alice, await ask({ to: bob.email, amount: money('10 EUR'), receive: 'USD' }));
    expect(await why(alice, across.id)).toContain('The rate was 1 EUR = 1.24375 USD');
    expect(await why(bob, across.id)).not.toContain('rate');
  });

  test('a payment that crossed currencies is moved back in the currency that arrived; a conversion is not', async () => {
    const [asks, decides] = [await person(harness, 'sue', 'senior'), await person(harness, 'sid', 'senior')];
    const across = await pay(alice, await ask({ to: bob.email, amount: money('10 EUR'), receive: 'USD' }));
    const own = await pay(alice, await ask({ amount: money('10 EUR'), receive: 'USD' }));
    await refusalOf(
      asks.client.call('reverse-transfer', { transfer: own.id, reason: 'test' }),
      'transfer_not_reversible',
    );
    const { id } = await asks.client.call('reverse-transfer', { transfer: across.id, reason: 'test' });
    const { deps } = harness.service;
    await decide(
      deps,
      { ...decides, user: decides.id, role: 'senior' } as never,
      { approval: id, reason: 'test' },
      'approve',
    );
    harness.clock.advance(3_600_000);
    await runApproval(deps, id);
    expect(await balanceOf(bob, 'USD')).toBe('0.00 USD');
    expect(await balanceOf(alice, 'USD')).toBe('24.86 USD');
    expect(await balanceOf(alice, 'EUR')).toBe('80.00 EUR');
  });

  test('money is traced through a conversion, in proportion', async () => {
    const changed = await pay(alice, await ask({ amount: money('100 EUR'), receive: 'USD' }));
    const sent = await pay(alice, await ask({ to: bob.email, amount: money('62.18 USD') }));
    const staff = await person(harness, 'vic', 'viewer');
    const { branches } = await staff.client.call('trace-transfer', { transfer: sent.id, reason: 'test' });
    const before = branches.filter(({ side }) => side === 'from');
    expect(before.map(({ amount, transfer }) => [say(amount), transfer?.kind])).toEqual([
      ['62.18 USD', 'conversion'],
      ['49.99 EUR', 'deposit'],
    ]);
    const after = await staff.client.call('trace-transfer', { transfer: changed.id, reason: 'test' });
    expect(
      after.branches.filter(({ side }) => side === 'to').map(({ is, amount }) => [is, say(amount)]),
    ).toEqual([
      ['transfer', '62.18 USD'],
      ['kept', '62.19 USD'],
      ['kept', '62.18 USD'],
    ]);
  });

  test('many small conversions there and back never make money', async () => {
    const worth = async () => {
      const { balances } = await alice.client.call('list-balances', {});
      const of = new Map(balances.map(({ currency, balance }) => [currency, Number(balance.amount)]));
      return (of.get('EUR') ?? 0) + (of.get('USD') ?? 0) / 1.25 + (of.get('JPY') ?? 0) / 160;
    };
    await (await person(harness, 'olga', 'admin')).client.call('set-spread', { basisPoints: 0 });
    await fund(harness, alice, '1', 'USD');
    await fund(harness, alice, '100', 'JPY');
    let before = await worth();
    const ways = [
      ['0.03 EUR', 'USD'],
      ['0.03 USD', 'JPY'],
      ['4 JPY', 'EUR'],
      ['0.02 EUR', 'JPY'],
      ['4 JPY', 'USD'],
    ] as const;
    for (const [amount, receive] of ways) {
      const other = (await ask({ amount: money(amount), receive })).theyGet;
      await pay(alice, await ask({ amount: money(amount), receive }));
      await pay(alice, await ask({ amount: other, receive: amount.slice(-3) }));
      const now = await worth();
      expect(now).toBeLessThanOrEqual(before + 1e-9);
      before = now;
    }
  });
});
