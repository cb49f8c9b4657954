import { afterEach, beforeEach, expect, test } from 'vitest';
import { TRANSFER_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, everything, fund, newKey, pay, person, quote, refusalOf, send } from './wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const ask = (key: string) => alice.client.call('get-intent', { key });
  const abandon = (key: string) => alice.client.call('abandon-intent', { key });

  test('asking about a key says done, refused or unknown, and changes nothing', async () => {
    const [done, refused, never] = [newKey(), newKey(), newKey()];
    const transfer = await pay(alice, await quote(alice, bob.email, '1 EUR'), { key: done });
    const problem = (
      await refusalOf(pay(alice, await quote(alice, bob.email, '999 EUR'), { key: refused }))
    ).toProblem();
    await refusalOf(pay(alice, { id: 'quo_00000000000000000000000000' }, { key: never }), 'not_found');
    const before = await everything(harness);
    expect(await ask(done)).toEqual({ key: done, state: 'done', transfer });
    expect(await ask(refused)).toEqual({ key: refused, state: 'refused', problem });
    expect(await ask(never)).toEqual({ key: never, state: 'unknown_key' });
    expect(await everything(harness)).toEqual(before);
    harness.clock.advance(TRANSFER_QUOTE_LIFE_MS * 2);
    await send(alice, bob.email, '2 EUR');
    expect(await ask(done)).toEqual({ key: done, state: 'done', transfer });
  });

  test('the recipient of a payment sees what the payer’s key did only as the transfer', async () => {
    const key = newKey();
    await pay(alice, await quote(alice, bob.email, '1 EUR'), { key });
    expect(await bob.client.call('get-intent', { key })).toEqual({ key, state: 'unknown_key' });
  });

  test('a burnt key answers that it was abandoned, whatever arrives under it later', async () => {
    const key = newKey();
    const first = await abandon(key);
    expect(first).toMatchObject({
      key,
      state: 'refused',
      problem: { code: 'intent_abandoned', status: 422 },
    });
    const priced = await quote(alice, bob.email, '1 EUR');
    const arrivals = [
      () => pay(alice, priced, { key }),
      () => pay(alice, priced, { key, note: 'late' }),
      () => pay(alice, priced, { key, maximumFee: '0' }),
      () => pay(alice, priced, { key, maximumFee: 'nonsense' }),
      () => pay(alice, priced, { key, dryRun: true }),
      () => pay(alice, { id: 'quo_00000000000000000000000000' }, { key }),
    ];
    for (const arrival of arrivals) {
      const refused = await refusalOf(arrival(), 'intent_abandoned');
      expect(refused.toProblem()).toEqual(first.problem);
    }
    expect(await abandon(key)).toEqual(first);
    expect(await ask(key)).toEqual(first);
    expect(await balanceOf(alice)).toBe('100.00 EUR');
    // The quote was not touched by any of it.
    await pay(alice, priced);
  });

  test('a key that has paid cannot be abandoned, and one that was refused stays refused', async () => {
    const [done, refused] = [newKey(), newKey()];
    const priced = await quote(alice, bob.email, '1 EUR');
    const transfer = await pay(alice, priced, { key: done, note: 'x' });
    await refusalOf(pay(alice, priced, { key: refused }), 'quote_used');
    const before = await everything(harness);
    expect(await abandon(done)).toEqual({ key: done, state: 'done', transfer });
    expect(await abandon(refused)).toMatchObject({ state: 'refused', problem: { code: 'quote_used' } });
    expect(await everything(harness)).toEqual(before);
    expect(await pay(alice, priced, { key: done, note: 'x' })).toEqual(transfer);
  });

  test('what can never be a key is not burnt', async () => {
    const before = await everything(harness);
    for (const key of ['', ' ', 'a b', 'ä', '\u0000', '\ud800', 'k'.repeat(256)]) {
      expect((await refusalOf(abandon(key), 'input_invalid')).facts['field']).toBe('key');
    }
    expect(await everything(harness)).toEqual(before);
  });

  test('50 abandonments against 50 payments of one key: one outcome, told to all, that never changes', async () => {
    const outcomes = new Set<string>();
    const { poster } = harness.service.deps;
    const paymentsHaveCome = async () => {
      for (let turn = 0; poster.depth() === 0 && turn < 10_000; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    for (let round = 0; round < 9; round++) {
      const key = newKey();
      const priced = await quote(alice, bob.email, '1 EUR');
      const paying = () =>
        pay(alice, priced, { key }).then(
          ({ id }) => `done ${id}`,
          (error: { code: string }) => `refused ${error.code}`,
        );
      const abandoning = async () => {
        // A payment asks two questions before it is decided: only a head start lets it win.
        if (round % 3 === 1) await new Promise((resolve) => setImmediate(resolve));
        if (round % 3 === 2) await paymentsHaveCome();
        const { state, transfer, problem } = await abandon(key);
        return `${state} ${transfer?.id ?? (problem as { code: string }).code}`;
      };
      // Who comes first changes from round to round.
      const calls = Array.from({ length: 100 }, (_, at) => ((at + round) % 2 === 0 ? paying : abandoning));
      const answers = new Set(await Promise.all(calls.map((call) => call())));
      expect(answers.size).toBe(1);
      answers.add(await paying());
      answers.add(await abandoning());
      expect(answers.size).toBe(1);
      outcomes.add([...answers][0]?.split(' ')[0] ?? '');
    }
    expect([...outcomes].sort()).toEqual(['done', 'refused']);
  });
});
