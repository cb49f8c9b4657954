import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { followWithdrawals } from '../../../src/service/jobs/follow-withdrawals.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, newKey, person, type Poster } from '../money/wallet.ts';
import {
  batchAll,
  importLines,
  importReport,
  openPayouts,
  paidLine,
  quoteOf,
  returnedLine,
  statusReport,
  usableAccount,
  withdraw,
} from './payouts.ts';

/** Stands for the end of a process in the middle of its work. */
const killed = new Refusal('outcome_unknown');

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeAll(async () => {
    harness = await openHarness({ engine });
    await openPayouts(harness);
  });
  // Each time somebody else, in the same book.
  beforeEach(async () => {
    alice = await person(harness, `alice${newKey()}`);
    await fund(harness, alice, '500');
    await usableAccount(harness, alice);
  });
  afterAll(async () => {
    await audit(harness);
    await harness.close();
  });

  /** Does it in a process that ends at the so-many-th act of money: before that, or right after it. */
  const dyingAt = async (number: number, when: 'before' | 'after', work: () => Promise<unknown>) => {
    const { deps } = harness.service;
    const { post } = deps.poster;
    let acts = 0;
    const dies: Poster = {
      ...deps.poster,
      post: async (intent) => {
        acts += 1;
        if (acts > number) throw killed;
        if (acts < number) return post(intent);
        if (when === 'after') await post(intent);
        throw killed;
      },
    };
    Object.assign(deps, { poster: dies });
    await work().catch(() => undefined);
    Object.assign(deps, { poster: { ...dies, post } });
  };
  const goOn = async () => {
    // What has begun only is looked at after a while.
    harness.clock.advance(61_000);
    for (let times = 0; times < 2; times++) await followWithdrawals(harness.service.deps, async () => true);
  };
  const only = async () => {
    const { withdrawals } = await alice.client.call('list-withdrawals', {});
    expect(withdrawals).toHaveLength(1);
    return withdrawals[0]?.state;
  };
  const available = async () => {
    const { balances } = await alice.client.call('list-balances', {});
    return balances.find(({ currency }) => currency === 'EUR')?.available.amount;
  };

  describe.each(['before', 'after'] as const)('a process that ends %s an act of money', (when) => {
    test('that asks for a withdrawal: a job finishes it, and its key has that one answer', async () => {
      const { id: quote } = await quoteOf(alice, '10.00 EUR');
      const key = newKey();
      await dyingAt(1, when, () => alice.client.call('create-withdrawal', { quote }, { key }));
      await goOn();
      expect(await only()).toBe('approved');
      expect(await available()).toBe('489.95');
      const again = await alice.client.call('create-withdrawal', { quote }, { key });
      expect(again.state).toBe('approved');
      expect(await only()).toBe('approved');
    });

    test('that calls one back: the money is there again', async () => {
      const { id: withdrawal } = await withdraw(alice, '10.00 EUR');
      await dyingAt(1, when, () => alice.client.call('cancel-withdrawal', { withdrawal }));
      await goOn();
      expect(await only()).toBe('cancelled');
      expect(await available()).toBe('500.00');
    });

    test('that makes a batch: it is closed, with all that was in it', async () => {
      await batchAll(harness);
      await withdraw(alice, '10.00 EUR');
      await dyingAt(1, when, () => batchAll(harness));
      await goOn();
      expect(await only()).toBe('batched');
      const { client } = await person(harness, `reader${newKey()}`, 'senior');
      const [batch] = (await client.call('list-batches', {})).batches;
      expect(batch).toMatchObject({ payments: 1, total: { amount: '10.00' } });
    });

    test('that hears of a refusal by the bank: the money is there again', async () => {
      const made = await withdraw(alice, '10.00 EUR');
      const [batch] = await batchAll(harness);
      const report = statusReport(batch?.messageId ?? '', [[made.id, 'RJCT', 'AC04']]);
      await dyingAt(1, when, () => importReport(harness, report));
      await goOn();
      expect(await only()).toBe('failed');
      expect(await available()).toBe('500.00');
    });

    test('that books what the bank paid, and what came back with its fee: once', async () => {
      const made = await withdraw(alice, '10.00 EUR');
      await batchAll(harness);
      await dyingAt(1, when, () => importLines(harness, [paidLine(made)]));
      await goOn();
      // What was not booked is by importing it again, as with everything a bank says.
      await importLines(harness, [paidLine(made)]);
      expect(await only()).toBe('settled');
      await dyingAt(1, when, () => importLines(harness, [returnedLine(made)]));
      await goOn();
      await dyingAt(1, when, () => importLines(harness, [returnedLine(made)]));
      await goOn();
      await importLines(harness, [returnedLine(made)]);
      expect(await only()).toBe('returned');
      expect(await available()).toBe('500.00');
    });
  });

  test('positive control: without the job what was cut short stays as it is', async () => {
    const { id: withdrawal } = await withdraw(alice, '10.00 EUR');
    await dyingAt(1, 'before', () => alice.client.call('cancel-withdrawal', { withdrawal }));
    expect(await only()).toBe('approved');
    await goOn();
  });
});
