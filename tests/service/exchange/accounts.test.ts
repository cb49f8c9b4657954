import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, money, pay, person, quote, refusalOf, say, send } from '../money/wallet.ts';
import { rate } from './rates-here.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const accounts = async (holder: Holder) =>
    (await holder.client.call('list-accounts', {})).accounts.map(
      ({ currency, state, balance }) => `${currency} ${state} ${say(balance)}`,
    );
  const open = (holder: Holder, currency: string) => holder.client.call('open-account', { currency });
  const close = (holder: Holder, currency: string) => holder.client.call('close-account', { currency });

  test('an account opens without money, once however often it is asked for, and closes', async () => {
    for (const currency of ['usd', 'USD'])
      expect(await open(alice, currency)).toMatchObject({
        currency: 'USD',
        state: 'open',
        balance: money('0.00 USD'),
      });
    expect(await accounts(alice)).toEqual(['EUR open 100.00 EUR', 'USD open 0.00 USD']);
    expect((await alice.client.call('list-balances', {})).balances).toHaveLength(2);
    for (let times = 0; times < 2; times++)
      expect(await close(alice, 'USD')).toMatchObject({ state: 'closed' });
    expect(await accounts(alice)).toEqual(['EUR open 100.00 EUR', 'USD closed 0.00 USD']);
    expect((await alice.client.call('list-balances', {})).balances).toHaveLength(1);
    expect(await accounts(bob)).toEqual([]);
    const { activity } = await alice.client.call('list-activity', {});
    expect(
      activity.map(({ action }) => action).filter((action) => action.startsWith('account-')),
    ).toHaveLength(4);
  });

  test('only an empty one that is there is closed', async () => {
    const { facts } = await refusalOf(close(alice, 'EUR'), 'account_not_empty');
    expect(facts).toEqual({ balance: '100.00 EUR', held: '0.00 EUR' });
    await refusalOf(close(alice, 'USD'), 'not_found');
    await refusalOf(close(alice, 'XXX'), 'currency_unknown');
    await send(alice, bob.email, '100 EUR');
    await close(alice, 'EUR');
  });

  test('a closed one takes no money from anybody until it is open again, and others learn no more', async () => {
    await rate(harness, 'USD', '1.25');
    await open(bob, 'EUR');
    const before = await quote(alice, bob.email, '1 EUR');
    await close(bob, 'EUR');
    await refusalOf(pay(alice, before), 'recipient_unavailable');
    await refusalOf(send(alice, bob.email, '1 EUR'), 'recipient_unavailable');
    await fund(harness, bob, '10', 'USD');
    const own = { amount: money('1 EUR'), from: 'USD' };
    const { facts } = await refusalOf(pay(bob, await bob.client.call('create-quote', own)), 'account_closed');
    expect(facts).toEqual({ currency: 'EUR' });
    await open(bob, 'EUR');
    await pay(bob, await bob.client.call('create-quote', own));
    await send(alice, bob.email, '1 EUR');
    expect(await balanceOf(bob, 'EUR')).toBe('2.00 EUR');
  });

  test('money that comes while it is being closed is either there, and it stays open, or does not come', async () => {
    await open(bob, 'EUR');
    for (let round = 0; round < 10; round++) {
      const priced = await quote(alice, bob.email, '1 EUR');
      const [paid, closed] = await Promise.allSettled([pay(alice, priced), close(bob, 'EUR')]);
      expect([paid.status, closed.status].sort()).toEqual(['fulfilled', 'rejected']);
      if (paid.status === 'fulfilled') await send(bob, alice.email, '1 EUR');
      else await open(bob, 'EUR');
    }
  });
});
