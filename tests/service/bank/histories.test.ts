import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness } from '../../harness.ts';
import { audit, newKey, person } from '../money/wallet.ts';
import { referenceOf } from './bank-day.ts';
import { bookingTwice, playHistory, type World } from './histories.ts';

eachEngine((engine) => {
  let harness: Harness;
  let world: World;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    const staff = await person(harness, `support${newKey()}`, 'support');
    const references = [];
    for (const name of ['alice', 'bob']) references.push(await referenceOf(await person(harness, name)));
    world = { harness, staff, references };
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  // npm run test:bank plays ten thousand.
  test('whatever a bank does wrong, the bank and the book stand as they must', async () => {
    const wrong = [];
    for (let seed = 1; seed <= (engine.name === 'sqlite' ? 12 : 3); seed++)
      wrong.push(...(await playHistory(world, seed)));
    expect(wrong).toEqual([]);
  });

  test('the control: entries that are booked twice are found', async () => {
    const wrong = await playHistory({ ...world, poster: bookingTwice(harness) }, 1);
    expect(wrong.join('\n')).toMatch(/nobody can explain .*unexplained -/);
  });
});
