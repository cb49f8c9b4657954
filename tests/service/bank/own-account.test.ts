import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, newKey, person, refusalOf } from '../money/wallet.ts';
import { bankDay, importCounts, inSuspense, referenceOf } from './bank-day.ts';

eachEngine((engine) => {
  let harness: Harness;
  let [alice, teller, other] = [] as unknown as [Holder, Holder, Holder];
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    teller = await person(harness, 'teller', 'support');
    other = await person(harness, 'other', 'support');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const dayFor = async (...holders: Holder[]) =>
    bankDay({
      lines: await Promise.all(
        holders.map(async (holder) => ({
          amount: '12.50',
          text: await referenceOf(holder),
          ref: newKey(),
        })),
      ),
    });
  const waiting = async () => {
    const { items } = await teller.client.call('list-suspense', { state: 'open' });
    return items.map(({ transfer, reason }) => ({ transfer, reason }));
  };
  const assign = (by: Holder, transfer: string, to: Holder) =>
    by.client.call(
      'assign-suspense',
      { transfer, to: to.email, reason: 'seen' },
      { key: `assign-${transfer}-${newKey()}` },
    );

  test('staff who import a credit for themselves do not get it: somebody else assigns it (ASVS V2.3.5)', async () => {
    const file = await dayFor(teller, alice);
    expect(await importCounts(teller, file)).toEqual([1, 1, 0, 0]);
    expect([await balanceOf(teller), await balanceOf(alice)]).toEqual(['0 EUR', '12.50 EUR']);
    const [item] = await waiting();
    expect(item?.reason).toContain('member of staff who imported it');
    await refusalOf(assign(teller, item?.transfer ?? '', teller), 'staff_self');
    // Not by importing it again, either, whoever does.
    expect(await importCounts(other, file)).toEqual([0, 0, 2, 0]);
    await assign(other, item?.transfer ?? '', teller);
    expect(await balanceOf(teller)).toBe('12.50 EUR');
  });

  test('control: imported by somebody else it is credited at once', async () => {
    expect(await importCounts(other, await dayFor(teller))).toEqual([1, 0, 0, 0]);
    expect(await balanceOf(teller)).toBe('12.50 EUR');
  });

  test('what comes for somebody who may not receive waits, once, and can be assigned later', async () => {
    const { restrictions } = await teller.client.call('restrict-account', {
      holder: alice.id,
      capabilities: ['receive'],
      reason: 'x',
    });
    const file = await dayFor(alice);
    expect(await importCounts(teller, file)).toEqual([0, 1, 0, 0]);
    expect(await importCounts(teller, file)).toEqual([0, 0, 1, 0]);
    expect(await inSuspense(harness)).toBe('12.50');
    const [item] = await waiting();
    expect(item?.reason).toBe('its holder may not receive money at the moment');
    await refusalOf(assign(teller, item?.transfer ?? '', alice), 'recipient_unavailable');
    const senior = await person(harness, 'senior', 'senior');
    await senior.client.call('lift-restriction', {
      restriction: restrictions[0]?.id ?? '',
      reason: 'x',
    });
    // Not booked a second time now that it could be.
    expect(await importCounts(teller, file)).toEqual([0, 0, 1, 0]);
    await assign(teller, item?.transfer ?? '', alice);
    expect([await balanceOf(alice), await inSuspense(harness)]).toEqual(['12.50 EUR', '0.00']);
  });
});
