/**
 * Plays random histories of holders who withdraw, of staff, and of a bank that errs in every way it can (see
 * tests/service/bank/payout-histories.ts), a new database for each twenty-five, and has the whole ledger derived again after
 * every one: `npm run test:payouts`, or `node tests/soak/run-payout-histories.ts [histories] [seed]`. 1,000 unless said
 * otherwise, and another seed each time. Ends with 1 at the first history that does not come out to the cent, with the
 * shortest one that was found, and its seed.
 */
import fc from 'fast-check';
import { openHarness } from '../harness.ts';
import {
  openWallet,
  playPayouts,
  someSteps,
  type Step,
  type Wallet,
} from '../service/bank/payout-histories.ts';

const IN_ONE_BOOK = 25;
const histories = Number(process.argv[2] ?? '1000');
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);

const from = performance.now();
let played = 0;
let steps = 0;
let transfers = 0;
let inThis = 0;
let before = 0;
const counts = new Map<string, number>();
let wallet: Wallet | undefined;

const result = await fc.check(
  fc.asyncProperty(someSteps, async (history) => {
    if (inThis === IN_ONE_BOOK) await closeBook();
    wallet ??= await openWallet(await openHarness());
    inThis += 1;
    try {
      await play(wallet, history);
    } catch (error) {
      // A book that is wrong once is wrong for all that come after.
      await closeBook();
      throw error;
    }
    played += 1;
    steps += history.length;
    if (played % 100 === 0) say();
  }),
  { numRuns: histories, seed },
);
await closeBook();
say();
for (const [what, count] of [...counts].sort()) console.log(`${String(count).padStart(8)} ${what}`);
if (result.failed) {
  console.log(`seed ${seed}, path ${result.counterexamplePath}, ${result.numShrinks} times shorter`);
  console.log(JSON.stringify(result.counterexample?.[0]));
  console.log(result.errorInstance);
  process.exitCode = 1;
}

async function play(within: Wallet, history: readonly Step[]): Promise<void> {
  const { wrong, became } = await playPayouts(within, history);
  for (const each of became) counts.set(each, (counts.get(each) ?? 0) + 1);
  const { findings, transfers: now } = await within.support.client.call('verify-ledger', {});
  transfers += now - before;
  before = now;
  if (wrong.length + findings.length > 0) throw new Error([...wrong, ...findings].join('\n'));
}

function say(): void {
  const seconds = Math.round((performance.now() - from) / 1_000);
  console.log(`${played} histories, ${steps} steps, ${transfers} transfers, ${seconds} s: all to the cent`);
}

async function closeBook(): Promise<void> {
  await wallet?.harness.close();
  wallet = undefined;
  [inThis, before] = [0, 0];
}
