/**
 * The full run: `npm run test:round-trips -- [--trips 1000000] [--real 2000] [--seed N]`, less than a minute. Round trips of
 * tiny amounts through the pricing of the service, and some of them through real quotes and transfers, with the books proved
 * after; it exits 1 when any of them gained.
 */
import { parseArgs } from 'node:util';
import type { Currency } from '../../src/core/money.ts';
import { price } from '../../src/service/payments/price.ts';
import { openHarness } from '../harness.ts';
import { rate } from '../service/exchange/rates-here.ts';
import { audit, fund, person } from '../service/money/wallet.ts';
import { realRoundTrips, roundTrips, WORTHS, type Outcome } from './round-trips.ts';

const { values } = parseArgs({
  options: {
    trips: { type: 'string', default: '1000000' },
    real: { type: 'string', default: '2000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const seed = Number(values.seed);

function say(what: string, { trips, none, gained, lost }: Outcome): void {
  console.log(
    `${what}, seed ${seed}: ${trips} made, ${gained} gained, ${lost} lost; ${none} were worth too little.`,
  );
}

let made = 0;
let gained = 0;
const wanted = Number(values.trips);
// What is too small to be a trip does not count as one.
for (let round = 0; made < wanted; round++) {
  const outcome = roundTrips(Math.max(1_000, wanted - made), seed + round, price);
  say(`Round trips through the pricing`, outcome);
  made += outcome.trips;
  gained += outcome.gained;
}
console.log(`${made} round trips in all, ${gained} gained.`);

const harness = await openHarness();
const alice = await person(harness, 'alice');
const olga = await person(harness, 'olga', 'admin');
await olga.client.call('set-spread', { basisPoints: 0 });
for (const [currency, worth] of Object.entries(WORTHS)) {
  if (currency !== 'EUR') await rate(harness, currency, worth);
  await fund(harness, alice, '1000', currency as Currency);
}
const real = await realRoundTrips(alice.client, Number(values.real), seed);
say('Conversions through real quotes and transfers', real);
await audit(harness);
await harness.close();
process.exitCode = gained + real.gained === 0 ? 0 : 1;
