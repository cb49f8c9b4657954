import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OkpayClient } from '../../../src/core/client.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  everything,
  fund,
  money,
  newKey,
  person,
  performWith,
  refusalOf,
  type Poster,
} from '../money/wallet.ts';
import { cap, tokenOf } from './token-holder.ts';

const MIDNIGHT = Date.parse('2026-03-31T00:00:00.000Z');
const MINUTE_MS = 60_000;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine, startAt: MIDNIGHT - MINUTE_MS });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '1000');
    await fund(harness, alice, '1000', 'JPY');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const pay = (client: OkpayClient, amount: string, to = bob.email, key = newKey()) =>
    client.call('create-transfer', { to, amount: money(amount) }, { key });
  const usedOf = async (per: string) =>
    (await alice.client.call('list-tokens', {})).tokens.flatMap(({ caps }) =>
      caps.flatMap((each) => (each.per === per ? [each.used?.amount] : [])),
    );

  describe('the cap of one payment (ASVS V2.1.3, V2.3.2)', () => {
    test('lets pay exactly it, and not a minor unit more', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('payment', '5 EUR')] });
      await pay(client, '5.00 EUR');
      const refusal = await refusalOf(pay(client, '5.01 EUR'), 'cap_exceeded');
      expect(refusal.facts).toEqual({ per: 'payment', needed: '5.01 EUR', cap: '5.00 EUR' });
      await pay(client, '5.00 EUR');
      expect(await balanceOf(bob)).toBe('10.00 EUR');
    });

    test('counts all that leaves the account, the fee too', async () => {
      const admin = await person(harness, 'admin', 'admin');
      await admin.client.call('set-fee', {
        kind: 'transfer',
        currency: 'EUR',
        basisPoints: 0,
        fixed: '0.50',
      });
      const { client } = await tokenOf(harness, alice, {
        caps: [cap('payment', '5 EUR'), cap('day', '9 EUR')],
      });
      await refusalOf(pay(client, '4.51 EUR'), 'cap_exceeded');
      await pay(client, '4.50 EUR');
      await refusalOf(pay(client, '3.51 EUR'), 'cap_exceeded');
      await pay(client, '3.50 EUR');
      expect(await usedOf('day')).toEqual(['9.00']);
    });

    test('in one currency leaves nothing for the others', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('month', '5 EUR')] });
      const refusal = await refusalOf(pay(client, '1 JPY'), 'cap_exceeded');
      expect(refusal.facts['cap']).toBe('0 JPY');
    });
  });

  describe('the cap of a day (ASVS V2.1.3, V2.3.2)', () => {
    test('is told with what is used and when it begins anew, and holds to the minor unit', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('day', '10 EUR')] });
      await pay(client, '9.99 EUR');
      const refusal = await refusalOf(pay(client, '0.02 EUR'), 'cap_exceeded');
      expect(refusal.facts).toEqual({
        per: 'day',
        needed: '0.02 EUR',
        cap: '10.00 EUR',
        used: '9.99 EUR',
        resetsAt: '2026-03-31T00:00:00.000Z',
      });
      expect(refusal.message).toContain(
        'of the 10.00 EUR that this token may pay in a day, 9.99 EUR is used',
      );
      await pay(client, '0.01 EUR');
      await refusalOf(pay(client, '0.01 EUR'), 'cap_exceeded');
      expect(await usedOf('day')).toEqual(['10.00']);
      expect(await balanceOf(bob)).toBe('10.00 EUR');
    });

    test('begins anew at midnight in UTC, the cap of a month with the next month', async () => {
      const { client } = await tokenOf(harness, alice, {
        caps: [cap('day', '10 EUR'), cap('month', '15 EUR')],
      });
      await pay(client, '10 EUR');
      harness.clock.advance(MINUTE_MS - 1);
      await refusalOf(pay(client, '0.01 EUR'), 'cap_exceeded');
      harness.clock.advance(1);
      const { facts } = await refusalOf(pay(client, '5.01 EUR'), 'cap_exceeded');
      expect(facts).toMatchObject({ per: 'month', used: '10.00 EUR', resetsAt: '2026-04-01T00:00:00.000Z' });
      await pay(client, '5 EUR');
      expect([await usedOf('day'), await usedOf('month')]).toEqual([['5.00'], ['15.00']]);
      harness.clock.advance(24 * 60 * MINUTE_MS);
      await pay(client, '10 EUR');
      expect([await usedOf('day'), await usedOf('month')]).toEqual([['10.00'], ['10.00']]);
    });

    test('is another one for each currency and each token, and none for sessions', async () => {
      const one = await tokenOf(harness, alice, { caps: [cap('day', '5 EUR'), cap('day', '7 JPY')] });
      const two = await tokenOf(harness, alice, { caps: [cap('day', '5 EUR')] });
      for (const { client } of [one, two]) {
        await pay(client, '5 EUR');
        await refusalOf(pay(client, '0.01 EUR'), 'cap_exceeded');
      }
      await pay(one.client, '7 JPY');
      await refusalOf(pay(one.client, '1 JPY'), 'cap_exceeded');
      await pay(alice.client, '500 EUR');
    });

    test('is not used by what is refused or only tried, and by one key once', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('day', '2000 EUR')] });
      await refusalOf(pay(client, '1500 EUR'), 'insufficient_funds');
      await client.call(
        'create-transfer',
        { to: bob.email, amount: money('5 EUR'), dryRun: true },
        { key: newKey() },
      );
      expect(await usedOf('day')).toEqual(['0.00']);
      const key = newKey();
      const first = await pay(client, '5 EUR', bob.email, key);
      for (let again = 0; again < 3; again++)
        expect((await pay(client, '5 EUR', bob.email, key)).id).toBe(first.id);
      expect(await usedOf('day')).toEqual(['5.00']);
    });

    test('refuses for ever what it refused: the key is burnt, and why says so', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('day', '1 EUR')] });
      const key = newKey();
      const { id } = await refusalOf(pay(client, '2 EUR', bob.email, key), 'cap_exceeded');
      harness.clock.advance(24 * 60 * MINUTE_MS);
      await refusalOf(pay(client, '2 EUR', bob.email, key), 'cap_exceeded');
      const { because } = await alice.client.call('explain', { id: id ?? '' });
      expect(because[0]).toContain('1.00 EUR that this token may pay in a day');
    });
  });

  describe('many at once', () => {
    const bulk = (client: OkpayClient, count: number) =>
      client.call('create-transfers', {
        transfers: Array.from({ length: count }, () => ({
          key: newKey(),
          to: bob.email,
          amount: money('1 EUR'),
        })),
      });

    test('100 payments at once against a cap for 37: 37 are done (ASVS V2.3.4)', async () => {
      for (let round = 0; round < 3; round++) {
        const { client } = await tokenOf(harness, alice, { caps: [cap('day', '37 EUR')] });
        const results = await Promise.allSettled(Array.from({ length: 100 }, () => pay(client, '1 EUR')));
        expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(37);
      }
      expect(await balanceOf(bob)).toBe('111.00 EUR');
    });

    test('a bulk call is no way around: single and bulk together stay within (ASVS V2.3.4)', async () => {
      const { client } = await tokenOf(harness, alice, { caps: [cap('day', '37 EUR')] });
      const [one, two] = await Promise.all([
        bulk(client, 30),
        bulk(client, 30),
        ...Array.from({ length: 20 }, () => pay(client, '1 EUR').catch(() => undefined)),
      ]);
      expect(await balanceOf(bob)).toBe('37.00 EUR');
      const refused = [...one.results, ...two.results].filter(({ state }) => state === 'refused');
      expect(new Set(refused.map(({ problem }) => problem?.code))).toEqual(new Set(['cap_exceeded']));
      expect(await usedOf('day')).toEqual(['37.00']);
    });

    test('positive control: with an intent without its guards the cap is exceeded', async () => {
      const { client, secret } = await tokenOf(harness, alice, { caps: [cap('day', '37 EUR')] });
      const { poster } = harness.service.deps;
      const careless: Poster = { ...poster, post: (intent) => poster.post({ ...intent, guards: [] }) };
      const perform = performWith(harness, { poster: careless });
      await Promise.all(
        Array.from({ length: 100 }, () =>
          perform(
            { ...alice, token: secret },
            { operation: 'create-transfer', input: { to: bob.email, amount: money('1 EUR') }, key: newKey() },
          ),
        ),
      );
      expect(await balanceOf(bob)).toBe('100.00 EUR');
      // What was paid past the guard is not in it: the next payment through it has all of the cap.
      await pay(client, '37 EUR');
    });
  });

  describe('whom it may pay', () => {
    test('is decided by who they are, not by what they are called', async () => {
      const carol = await person(harness, 'carol');
      await alice.client.call('create-payee', { name: 'Staff', to: bob.email });
      const { client } = await tokenOf(harness, alice, { payees: ['staff'] });
      await pay(client, '1 EUR');
      await pay(client, '1 EUR', 'Staff');
      await pay(client, '1 EUR', bob.id);
      await alice.client.call('delete-payee', { payee: 'Staff' });
      await alice.client.call('create-payee', { name: 'Staff', to: carol.email });
      const before = await everything(harness);
      for (const to of ['Staff', carol.email, carol.id]) {
        const { facts } = await refusalOf(pay(client, '1 EUR', to), 'payee_not_allowed');
        expect(facts).toEqual({ to: carol.email });
      }
      const { results } = await client.call('create-transfers', {
        transfers: [carol.email, bob.email].map((to) => ({ key: newKey(), to, amount: money('1 EUR') })),
      });
      expect(results.map(({ state, problem }) => problem?.code ?? state)).toEqual([
        'payee_not_allowed',
        'done',
      ]);
      expect(await balanceOf(carol)).toBe('0 EUR');
      expect((await everything(harness))['transfers']).toHaveLength((before['transfers']?.length ?? 0) + 1);
    });

    test('counts for quotes too, whoever asked for them', async () => {
      const carol = await person(harness, 'carol');
      const { client } = await tokenOf(harness, alice, {
        payees: [bob.email],
        caps: [cap('payment', '2 EUR')],
      });
      const quoteTo = (by: OkpayClient, to: string, amount: string) =>
        by.call('create-quote', { to, amount: money(amount) });
      const execute = ({ id }: { id: string }) =>
        client.call('create-transfer', { quote: id }, { key: newKey() });
      await refusalOf(execute(await quoteTo(alice.client, carol.email, '1 EUR')), 'payee_not_allowed');
      await refusalOf(execute(await quoteTo(client, bob.email, '3 EUR')), 'cap_exceeded');
      await execute(await quoteTo(client, bob.email, '2 EUR'));
    });
  });

  test('a token for a payout plan pays nothing as long as there are no plans', async () => {
    const { client } = await tokenOf(harness, alice, { plan: 'plan-1' });
    const { facts } = await refusalOf(pay(client, '1 EUR'), 'plan_not_allowed');
    expect(facts).toEqual({ plan: 'plan-1' });
    expect(await balanceOf(bob)).toBe('0 EUR');
  });

  test('a key that has paid keeps its answer, whatever the token may pay now', async () => {
    const key = newKey();
    const { id } = await pay(alice.client, '5 EUR', bob.email, key);
    const { client } = await tokenOf(harness, alice, { caps: [cap('payment', '1 EUR')] });
    expect((await pay(client, '5 EUR', bob.email, key)).id).toBe(id);
  });
});
