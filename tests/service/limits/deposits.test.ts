import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  atBank,
  bankDay,
  importCounts,
  importFile,
  inSuspense,
  referenceOf,
  type Line,
} from '../bank/bank-day.ts';
import { audit, balanceOf, money, newKey, person, refusalOf } from '../money/wallet.ts';

const DAY_MS = 24 * 3_600_000;

eachEngine((engine) => {
  let harness: Harness;
  let admin: Holder;
  let alice: Holder;
  let reference: string;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    admin = await harness.staff();
    alice = await person(harness, 'alice');
    reference = await referenceOf(alice);
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const limit = (per: 'payment' | 'day' | 'month', most: string) =>
    admin.client.call('set-limit', {
      level: 'basic',
      direction: 'in',
      per,
      most: money(most),
      reason: 'risk',
    });
  const file = (...amounts: string[]) =>
    bankDay({ lines: amounts.map((amount): Line => ({ amount, text: reference, ref: newKey() })) });
  const waiting = async () =>
    (await admin.client.call('list-suspense', { state: 'open' })).items.map(({ amount, reason }) => [
      amount.amount,
      reason,
    ]);

  test('a deposit above the limit of a day waits in suspense, and is given when the next day has come', async () => {
    await limit('day', '100 EUR');
    const day = file('60.00', '40.01', '40.00');
    expect(await importCounts(admin, day)).toEqual([2, 1, 0, 0]);
    expect(await importCounts(admin, day)).toEqual([0, 0, 3, 0]);
    expect(await waiting()).toEqual([['40.01', 'it is more than its holder may receive at the moment']]);
    expect([await balanceOf(alice), await inSuspense(harness), await atBank(harness)]).toEqual([
      '100.00 EUR',
      '40.01',
      '140.01',
    ]);
    const [item] = (await admin.client.call('list-suspense', { state: 'open' })).items;
    const assign = (staff: Holder) =>
      staff.client.call(
        'assign-suspense',
        { transfer: item?.transfer ?? '', to: alice.email, reason: 'a new day' },
        { key: 'assign-it' },
      );
    await refusalOf(assign(admin), 'recipient_limited');
    harness.clock.advance(DAY_MS);
    const later = await harness.staff();
    expect((await assign(later)).received).toEqual(money('40.01 EUR'));
    expect((await importCounts(later, day)).slice(0, 3)).toEqual([0, 0, 3]);
    expect(await importCounts(later, file('60.00'))).toEqual([0, 1, 0, 0]);
    expect(await importCounts(later, file('59.99'))).toEqual([1, 0, 0, 0]);
  });

  test('a deposit above the limit of one payment waits, whatever is left of the day', async () => {
    await limit('payment', '50 EUR');
    const day = file('50.00', '50.01');
    expect(await importCounts(admin, day)).toEqual([1, 1, 0, 0]);
    expect(await importCounts(admin, day)).toEqual([0, 0, 2, 0]);
    expect(await balanceOf(alice)).toBe('50.00 EUR');
  });

  test('what cannot be counted for want of a rate waits too, and a payment of it is refused (ASVS V2.3.2)', async () => {
    await importFile(admin, bankDay({ currency: 'CHF', lines: [{ amount: '9.00', text: reference }] }));
    await limit('month', '1000000 EUR');
    const day = bankDay({ currency: 'CHF', lines: [{ amount: '1.00', text: reference, ref: newKey() }] });
    expect(await importCounts(admin, day)).toEqual([0, 1, 0, 0]);
    expect(await waiting()).toEqual([
      ['1.00', 'there is no exchange rate to count it against the limits of its holder'],
    ]);
    expect(await balanceOf(alice, 'CHF')).toBe('9.00 CHF');
    const bob = await person(harness, 'bob');
    const pay = () =>
      alice.client.call('create-transfer', { to: bob.email, amount: money('1 CHF') }, { key: newKey() });
    const { message } = await refusalOf(pay(), 'limit_uncountable');
    expect(message).toContain(
      'counted in EUR, and there is no exchange rate that says how much of it 1.00 CHF is',
    );
    expect(await balanceOf(bob, 'CHF')).toBe('0 CHF');
  });
});
