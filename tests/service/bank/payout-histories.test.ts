import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness } from '../../harness.ts';
import { audit } from '../money/wallet.ts';
import { notAsking, openWallet, playPayouts, someSteps, type Step, type Wallet } from './payout-histories.ts';

const day = (...faults: Extract<Step, { do: 'play' }>['faults']): Step => ({
  do: 'play',
  days: 1,
  faults,
  credits: [],
});
const withdraw: Step = { do: 'withdraw', who: 0, cents: 1_000 };
const batch: Step = { do: 'batch', old: false, again: false };
const newest: Step = { do: 'deliver', which: 0, dies: 9 };

eachEngine((engine) => {
  let harness: Harness;
  let wallet: Wallet;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    wallet = await openWallet(harness);
  });
  afterEach(() => harness.close());

  // npm run test:payouts plays a thousand, and ten thousand when it is told to.
  test('whatever holders, staff and a bank that errs do, everything stands as the model says', async () => {
    await fc.assert(
      fc.asyncProperty(someSteps, async (steps) => {
        const { wrong } = await playPayouts(wallet, steps);
        expect(wrong).toEqual([]);
      }),
      { numRuns: engine.name === 'sqlite' ? 15 : 4, seed: 20261127, endOnFailure: true },
    );
    await audit(harness);
  });

  describe('what was found once', () => {
    test('a file that the bank got twice and refuses the second time is paid, and stays paid for', async () => {
      const again: Step = { ...batch, again: true };
      // The first file is given to the bank again, which reports on it twice, and pays it in between.
      const { wrong, became } = await playPayouts(wallet, [withdraw, batch, day('delay'), again, day()]);
      expect(wrong).toEqual([]);
      expect(became).toContain('settled');
      await audit(harness);
    });

    test('what comes back in two parts is the holder’s, also when it is told before the payment', async () => {
      const back = (off: 'less' | 'penny'): Step => ({ do: 'err', which: 0, next: 'return', off });
      const { wrong, became } = await playPayouts(wallet, [
        withdraw,
        batch,
        day(),
        back('less'),
        back('penny'),
        day(),
        { do: 'deliver', which: 2, dies: 9 },
      ]);
      expect(wrong).toEqual([]);
      expect(became).toContain('returned, early');
      expect(became.filter((each) => each === 'suspense credit assigned')).toHaveLength(2);
      await audit(harness);
    });

    test('a statement that is lost between two of its day is named, whatever balance the next one opens with', async () => {
      const { wrong, became } = await playPayouts(wallet, [
        withdraw,
        batch,
        { do: 'play', days: 0, faults: ['return'], credits: [] },
        { do: 'play', days: 0, faults: ['lose'], credits: [] },
        { do: 'play', days: 0, faults: [], credits: [{ to: 0, cents: 1 }] },
      ]);
      expect(wrong).toEqual([]);
      expect(became).toContain('statements lost');
      await audit(harness);
    });
  });
});

describe('the controls', () => {
  let harness: Harness;
  let wallet: Wallet;
  beforeEach(async () => {
    harness = await openHarness();
    wallet = await openWallet(harness);
  });
  afterEach(() => harness.close());

  test('without the guard of what is out, a return that no payment came before is found', async () => {
    const steps: Step[] = [
      withdraw,
      batch,
      day('lose', 'return'),
      { do: 'deliver', which: 0, dies: 9 },
      day(),
    ];
    expect((await playPayouts(wallet, steps)).wrong).toEqual([]);
    const { wrong } = await playPayouts(wallet, steps, { poster: notAsking(harness, 'out:') });
    expect(wrong.join('\n')).toMatch(/holder 0 has: 160.00, and must be 150.00/);
  });

  test('without the guard of entries, an entry that is told again in parts is found', async () => {
    const steps: Step[] = [
      withdraw,
      batch,
      day(),
      newest,
      newest,
      { do: 'deliver-again', which: 2, split: true },
    ];
    expect((await playPayouts(wallet, steps)).wrong).toEqual([]);
    const { wrong } = await playPayouts(wallet, steps, { poster: notAsking(harness, 'entry:') });
    expect(wrong.join('\n')).toMatch(/nobody can explain unexplained/);
  });
});
