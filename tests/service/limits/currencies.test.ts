import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { rate as putRate } from '../exchange/rates-here.ts';
import { audit, balanceOf, fund, money, newKey, person, refusalOf, say } from '../money/wallet.ts';

const DAY_MS = 86_400_000;

eachEngine((engine) => {
  let harness: Harness;
  let admin: Holder;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    admin = await person(harness, 'admin', 'admin');
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
    await fund(harness, alice, '1000', 'JPY');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const rate = (currency: string, value: string) => putRate(harness, currency, value);
  const limit = (direction: Input<'set-limit'>['direction'], per: 'payment' | 'day', most: string) =>
    admin.client.call('set-limit', { level: 'basic', direction, per, most: money(most), reason: 'risk' });
  const used = async (who: Holder = alice) =>
    (await who.client.call('get-limits', {})).limits.flatMap((each) => (each.used ? [say(each.used)] : []));
  const send = (amount: string) =>
    alice.client.call('create-transfer', { to: bob.email, amount: money(amount) }, { key: newKey() });
  const change = async (input: Omit<Input<'create-quote'>, 'to'>, to?: string) => {
    const quote = await alice.client.call('create-quote', { ...input, ...(to === undefined ? {} : { to }) });
    return alice.client.call('create-transfer', { quote: quote.id }, { key: newKey() });
  };

  test('another currency counts by the rate of the moment, rounded up, across the base too (ASVS V2.3.2)', async () => {
    await limit('out', 'day', '2 USD');
    await refusalOf(send('1 JPY'), 'limit_uncountable');
    await rate('JPY', '150');
    await refusalOf(send('1 JPY'), 'limit_uncountable');
    await rate('USD', '1.25');
    await send('100 JPY');
    // 100 / 150 * 1.25 is 0.8333…
    expect(await used()).toEqual(['0.84 USD']);
    const { facts } = await refusalOf(send('0.93 EUR'), 'limit_exceeded');
    expect(facts).toMatchObject({ needed: '1.17 USD', limit: '2.00 USD', used: '0.84 USD' });
    await rate('USD', '1.00');
    await send('0.93 EUR');
    expect(await used()).toEqual(['1.77 USD']);
  });

  test('counts by the newest rate there is, also when it is too old to make prices of', async () => {
    await limit('out', 'day', '2 USD');
    await rate('USD', '1.25');
    harness.clock.advance(6 * DAY_MS);
    await refusalOf(change({ amount: money('1 EUR'), receive: 'USD' }), 'rate_stale');
    await send('1.60 EUR');
    await refusalOf(send('0.01 EUR'), 'limit_exceeded');
  });

  test('a conversion counts as one and as nothing else; a payment across currencies counts for all three', async () => {
    await rate('USD', '1.25');
    for (const direction of ['convert', 'out', 'in'] as const) await limit(direction, 'day', '20 EUR');
    await change({ amount: money('8 EUR'), receive: 'USD' });
    expect(await used()).toEqual(['0.00 EUR', '0.00 EUR', '8.00 EUR']);
    await change({ amount: money('10 USD'), from: 'EUR' }, bob.email);
    const [into = '', out = '', convert = ''] = await used();
    expect([into, out]).toEqual(['0.00 EUR', convert.replace('16.05', '8.05')]);
    // What arrives counts by the middle of the market, what leaves as it leaves.
    expect(await used(bob)).toEqual(['8.00 EUR', '0.00 EUR', '0.00 EUR']);
    const { facts } = await refusalOf(change({ amount: money('5 EUR'), receive: 'USD' }), 'limit_exceeded');
    expect(facts).toMatchObject({ direction: 'convert', used: convert });
    expect(await balanceOf(bob, 'USD')).toBe('10.00 USD');
  });

  test('the limit of one conversion holds to the minor unit', async () => {
    await rate('USD', '1.25');
    await limit('convert', 'payment', '10 USD');
    await change({ amount: money('8.00 EUR'), receive: 'USD' });
    const { message } = await refusalOf(
      change({ amount: money('8.01 EUR'), receive: 'USD' }),
      'limit_exceeded',
    );
    expect(message).toBe('This takes 10.02 USD, and this account may convert at most 10.00 USD at once.');
  });
});
