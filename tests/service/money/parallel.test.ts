import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { quoteGuard } from '../../../src/service/ledger/guards.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  fund,
  newKey,
  pay,
  performWith,
  person,
  type Poster,
  quote,
  send,
} from './wallet.ts';

/** How each call ended: `done`, or the code of its refusal, with how often. */
async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(calls)) {
    const end = result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code;
    counts[end] = (counts[end] ?? 0) + 1;
  }
  return counts;
}

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '1000');
  });
  afterEach(() => harness.close());

  test('100 payments at once of a whole balance: one is done, in every round', async () => {
    const payees = await Promise.all(times(4, (at) => person(harness, `payee${at}`)));
    for (let round = 0; round < 8; round++) {
      const [from, to] = round % 2 === 0 ? [alice, bob] : [bob, alice];
      const quotes = await Promise.all(
        times(100, (at) =>
          quote(from, at % 5 === 4 ? to.email : (payees[at % 5] as Holder).email, '1000 EUR'),
        ),
      );
      expect(await tally(quotes.map((each) => pay(from, each)))).toEqual({ done: 1, insufficient_funds: 99 });
      for (const payee of payees)
        if ((await balanceOf(payee)) !== '0 EUR' && (await balanceOf(payee)) !== '0.00 EUR') {
          await send(payee, to.email, '1000 EUR');
        }
      expect([await balanceOf(from), await balanceOf(to)]).toEqual(['0.00 EUR', '1000.00 EUR']);
    }
    await audit(harness);
  });

  describe('50 payments at once of one quote', () => {
    test('under different keys: exactly one is done', async () => {
      for (let round = 0; round < 5; round++) {
        const priced = await quote(alice, bob.email, '1 EUR');
        expect(await tally(times(50, () => pay(alice, priced)))).toEqual({ done: 1, quote_used: 49 });
      }
      expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['995.00 EUR', '5.00 EUR']);
      await audit(harness);
    });

    test('under one key: one effect, and the same answer for all', async () => {
      for (let round = 0; round < 5; round++) {
        const priced = await quote(alice, bob.email, '1 EUR');
        const key = newKey();
        const answers = await Promise.all(times(50, () => pay(alice, priced, { key })));
        expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
      }
      expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['995.00 EUR', '5.00 EUR']);
      await audit(harness);
    });

    test('under one key with two notes: one note is paid, the other is told of it', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      const key = newKey();
      expect(await tally(times(50, (at) => pay(alice, priced, { key, note: `note ${at % 2}` })))).toEqual({
        done: 25,
        idempotency_mismatch: 25,
      });
      expect(await balanceOf(alice)).toBe('999.00 EUR');
      await audit(harness);
    });

    test('positive control: without the quote’s guard it pays many times, and the audit finds it', async () => {
      const { poster } = harness.service.deps;
      const careless: Poster = {
        ...poster,
        post: (intent) =>
          poster.post({
            ...intent,
            guards: (intent.guards ?? []).filter(({ name }) => !name.startsWith(quoteGuard(''))),
          }),
      };
      const perform = performWith(harness, { poster: careless });
      const { id } = await quote(alice, bob.email, '1 EUR');
      const calls = times(50, () =>
        perform(alice, { operation: 'create-transfer', input: { quote: id }, key: newKey() }),
      );
      expect(await tally(calls)).toEqual({ done: 50 });
      const { client } = await person(harness, `admin${newKey()}`, 'admin');
      expect((await client.call('verify-ledger', {})).sound).toBe(false);
    });

    test('positive control: with keys that nobody remembers, one key pays many times', async () => {
      const { poster } = harness.service.deps;
      let copies = 0;
      const forgetful: Poster = {
        ...poster,
        post: (intent) =>
          poster.post({
            ...intent,
            guards: [],
            key: { ...intent.key, key: `${intent.key.key} ${(copies += 1)}` },
          }),
      };
      const perform = performWith(harness, { poster: forgetful });
      const { id } = await quote(alice, bob.email, '1 EUR');
      const key = newKey();
      await Promise.all(
        times(50, () => perform(alice, { operation: 'create-transfer', input: { quote: id }, key })),
      );
      expect(await balanceOf(alice)).toBe('950.00 EUR');
    });
  });

  test('opposite payments at once keep the sum', async () => {
    await fund(harness, bob, '1000');
    const people = [alice, bob];
    for (let round = 0; round < 5; round++) {
      const quotes = await Promise.all(
        times(100, async (at) => {
          const [from, to] = at % 2 === 0 ? [alice, bob] : [bob, alice];
          return [from, await quote(from, to.email, `${(at % 7) + 1}.01 EUR`)] as const;
        }),
      );
      expect(await tally(quotes.map(([from, each]) => pay(from, each)))).toEqual({ done: 100 });
      const balances = await Promise.all(people.map((who) => balanceOf(who)));
      const minor = balances.map((text) => BigInt(text.replace(/[^0-9]/g, '')));
      expect(minor.reduce((sum, each) => sum + each, 0n)).toBe(200_000n);
    }
    await audit(harness);
  });

  test('readers beside writers never see money that is not there, or half a payment', async () => {
    await fund(harness, bob, '1000');
    const quotes = await Promise.all(times(200, () => quote(alice, bob.email, '1 EUR')));
    let writing = true;
    const reading = (async () => {
      let reads = 0;
      for (; writing; reads++) {
        const { transfers } = await bob.client.call('list-transfers', { limit: 100 });
        const [newest] = transfers;
        const at = transfers.findIndex(({ kind }) => kind === 'deposit');
        // Each payment adds one to the balance after the one before it.
        expect(newest?.balanceAfter?.amount).toBe(
          at === -1 ? newest?.balanceAfter?.amount : `${1000 + at}.00`,
        );
        await new Promise((resolve) => setImmediate(resolve));
      }
      return reads;
    })();
    for (let at = 0; at < quotes.length; at += 10) {
      await Promise.all(quotes.slice(at, at + 10).map((each) => pay(alice, each)));
    }
    writing = false;
    expect(await reading).toBeGreaterThan(5);
    expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['800.00 EUR', '1200.00 EUR']);
    await audit(harness);
  });
});
