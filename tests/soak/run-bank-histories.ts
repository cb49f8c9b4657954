/**
 * Plays random histories of a bank that errs in every way it can (see tests/service/bank/histories.ts), a new database for each
 * fifty, and has the whole ledger derived again after every one: `npm run test:bank`, or
 * `node tests/soak/run-bank-histories.ts [histories] [first seed]`. 1,000 unless said otherwise. Ends with 1 at the first history
 * that does not come out to the cent, naming its seed.
 */
import { openHarness } from '../harness.ts';
import { person } from '../service/money/wallet.ts';
import { referenceOf } from '../service/bank/bank-day.ts';
import { bookingTwice, playHistory, type World } from '../service/bank/histories.ts';

const IN_ONE_BOOK = 50;
const histories = Number(process.argv[2] ?? '1000');
const first = Number(process.argv[3] ?? '1');

const from = performance.now();
let played = 0;
let transfers = 0;
for (let seed = first; seed < first + histories; seed += IN_ONE_BOOK) {
  const last = Math.min(seed + IN_ONE_BOOK, first + histories) - 1;
  await inNewBook(async (world, audit) => {
    for (let at = seed; at <= last; at++) {
      const wrong = [...(await playHistory(world, at)), ...(await audit())];
      if (wrong.length > 0) {
        console.log(wrong.join('\n'));
        process.exit(1);
      }
      played += 1;
    }
  });
  console.log(
    `${played} histories, ${transfers} transfers, ${Math.round((performance.now() - from) / 1_000)} s: all to the cent`,
  );
}
await inNewBook(async (world) => {
  const wrong = await playHistory({ ...world, poster: bookingTwice(world.harness) }, first);
  console.log(
    `The control, entries booked twice, is ${wrong.length > 0 ? 'found' : 'NOT FOUND'}: ${wrong.join('; ')}`,
  );
  if (wrong.length === 0) process.exitCode = 1;
});

async function inNewBook(
  work: (world: World, audit: () => Promise<string[]>) => Promise<void>,
): Promise<void> {
  const harness = await openHarness();
  const staff = await person(harness, 'support', 'support');
  const references = [];
  for (const name of ['alice', 'bob', 'carol'])
    references.push(await referenceOf(await person(harness, name)));
  let before = 0;
  await work({ harness, staff, references }, async () => {
    const { findings, transfers: now } = await staff.client.call('verify-ledger', {});
    transfers += now - before;
    before = now;
    return findings;
  });
  await harness.close();
}
