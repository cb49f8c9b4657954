import { expect, test } from 'vitest';
import type { Currency } from '../../../src/core/money.ts';
import { price } from '../../../src/service/payments/price.ts';
import { eachEngine, openHarness } from '../../harness.ts';
import { realRoundTrips, roundTrips, WORTHS, type Pricing } from '../../soak/round-trips.ts';
import { audit, fund, person } from '../money/wallet.ts';
import { rate } from './rates-here.ts';

const SEED = 20261126;

test('ten thousand tiny round trips never gain a minor unit (npm run test:round-trips makes a million)', () => {
  const { trips, gained, lost } = roundTrips(10_000, SEED, price);
  expect(gained).toBe(0);
  expect(trips).toBeGreaterThan(2_000);
  expect(lost).toBeGreaterThan(1_000);
});

test('positive control: rounded to the nearest, some gain', () => {
  const nearest: Pricing = (wanted, rules, exchange) => {
    const found = price(wanted, rules, exchange);
    const more = { ...wanted, minor: found.received + 1n, feeFrom: 'sender' } as const;
    // One minor unit more, where it would cost less than half a minor unit too much.
    const dearer = price(more, rules, exchange);
    return wanted.feeFrom === 'recipient' && dearer.paid - found.paid <= 1n
      ? { ...found, received: found.received + 1n }
      : found;
  };
  expect(roundTrips(2_000, SEED, nearest).gained).toBeGreaterThan(10);
});

eachEngine((engine) => {
  test('through real quotes and transfers they never do either', async () => {
    const harness = await openHarness({ engine });
    const alice = await person(harness, 'alice');
    const olga = await person(harness, 'olga', 'admin');
    await olga.client.call('set-spread', { basisPoints: 0 });
    for (const [currency, worth] of Object.entries(WORTHS)) {
      if (currency !== 'EUR') await rate(harness, currency, worth);
      await fund(harness, alice, '1000', currency as Currency);
    }
    const { trips, gained, lost } = await realRoundTrips(alice.client, 30, SEED);
    expect(gained).toBe(0);
    expect(trips).toBeGreaterThan(5);
    expect(lost).toBeGreaterThan(0);
    await audit(harness);
    await harness.close();
  });
});
