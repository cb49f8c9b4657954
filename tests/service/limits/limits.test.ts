import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OkpayClient } from '../../../src/core/client.ts';
import type { Input } from '../../../src/core/contract/operations.ts';
import { openService } from '../../../src/service/app.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  everything,
  fund,
  money,
  newKey,
  performWith,
  person,
  refusalOf,
  say,
  type Poster,
} from '../money/wallet.ts';

const MIDNIGHT = Date.parse('2026-03-31T00:00:00.000Z');
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

type Limit = Pick<Input<'set-limit'>, 'direction' | 'per'>;

eachEngine((engine) => {
  let harness: Harness;
  let admin: Holder;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine, startAt: MIDNIGHT - MINUTE_MS });
    admin = await person(harness, 'admin', 'admin');
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '1000');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const limit = (
    direction: Limit['direction'],
    per: Limit['per'],
    most?: string,
    level = 'basic',
  ): Promise<unknown> =>
    admin.client.call('set-limit', {
      level,
      direction,
      per,
      reason: 'risk',
      ...(most === undefined ? {} : { most: money(most) }),
    });
  const pay = (client: OkpayClient, amount: string, to = bob.email, key = newKey()) =>
    client.call('create-transfer', { to, amount: money(amount) }, { key });
  const recordsOf = async (action: string) => {
    const rows = await harness.service.deps.engine.all<{ subject: string; reason: string; facts: string }>(
      'SELECT subject, reason, facts FROM audit_log WHERE action = ? ORDER BY id',
      [action],
    );
    return rows.map((row) => ({ ...row, facts: JSON.parse(row.facts) as unknown }));
  };
  const usedOf = async (who: Holder, direction: Limit['direction'], per: Limit['per']) => {
    const { limits } = await who.client.call('get-limits', {});
    const found = limits.find((each) => each.direction === direction && each.per === per);
    return found?.used && say(found.used);
  };

  describe('a limit of the account on one payment (ASVS V2.1.3, V2.3.2)', () => {
    test('lets pay exactly it, and not a minor unit more, fee included', async () => {
      await admin.client.call('set-fee', {
        kind: 'transfer',
        currency: 'EUR',
        basisPoints: 0,
        fixed: '0.50',
      });
      await limit('out', 'payment', '5 EUR');
      await pay(alice.client, '4.50 EUR');
      const { facts, message } = await refusalOf(pay(alice.client, '4.51 EUR'), 'limit_exceeded');
      expect(facts).toEqual({ direction: 'out', per: 'payment', needed: '5.01 EUR', limit: '5.00 EUR' });
      expect(message).toBe('This takes 5.01 EUR, and this account may send at most 5.00 EUR at once.');
      await pay(alice.client, '4.50 EUR');
      expect(await balanceOf(bob)).toBe('9.00 EUR');
    });

    test('holds for quotes, tokens and lists too, and for who is paid, who is told nothing of it', async () => {
      await limit('in', 'payment', '5 EUR');
      await refusalOf(pay(alice.client, '5.01 EUR'), 'recipient_limited');
      const { id } = await alice.client.call('create-quote', { to: bob.email, amount: money('6 EUR') });
      const { facts } = await refusalOf(
        alice.client.call('create-transfer', { quote: id }, { key: newKey() }),
        'recipient_limited',
      );
      expect(facts).toEqual({});
      const { results } = await alice.client.call('create-transfers', {
        transfers: ['5 EUR', '5.01 EUR'].map((amount) => ({
          key: newKey(),
          to: bob.email,
          amount: money(amount),
        })),
      });
      expect(results.map(({ state, problem }) => problem?.code ?? state)).toEqual([
        'done',
        'recipient_limited',
      ]);
    });
  });

  describe('a limit of a day and a month (ASVS V2.1.3, V2.3.2)', () => {
    test('is told with what is used and left and when it begins anew, and holds to the minor unit', async () => {
      await limit('out', 'day', '10 EUR');
      await pay(alice.client, '9.99 EUR');
      const { facts, message } = await refusalOf(pay(alice.client, '0.02 EUR'), 'limit_exceeded');
      expect(facts).toEqual({
        direction: 'out',
        per: 'day',
        needed: '0.02 EUR',
        limit: '10.00 EUR',
        used: '9.99 EUR',
        resetsAt: '2026-03-31T00:00:00.000Z',
      });
      expect(message).toContain('of the 10.00 EUR that this account may send in a day, 9.99 EUR is used');
      expect(await alice.client.call('get-limits', {})).toEqual({
        level: 'basic',
        limits: [
          {
            direction: 'out',
            per: 'day',
            most: money('10.00 EUR'),
            used: money('9.99 EUR'),
            left: money('0.01 EUR'),
            resetsAt: '2026-03-31T00:00:00.000Z',
          },
        ],
      });
      await pay(alice.client, '0.01 EUR');
      await refusalOf(pay(alice.client, '0.01 EUR'), 'limit_exceeded');
      expect(await balanceOf(bob)).toBe('10.00 EUR');
    });

    test('begins anew at midnight in UTC, that of a month with the next month', async () => {
      await limit('out', 'day', '10 EUR');
      await limit('out', 'month', '15 EUR');
      await pay(alice.client, '10 EUR');
      harness.clock.advance(MINUTE_MS - 1);
      await refusalOf(pay(alice.client, '0.01 EUR'), 'limit_exceeded');
      harness.clock.advance(1);
      const { facts } = await refusalOf(pay(alice.client, '5.01 EUR'), 'limit_exceeded');
      expect(facts).toMatchObject({ per: 'month', used: '10.00 EUR', resetsAt: '2026-04-01T00:00:00.000Z' });
      await pay(alice.client, '5 EUR');
      expect(await usedOf(alice, 'out', 'month')).toBe('15.00 EUR');
      harness.clock.advance(DAY_MS);
      expect(await usedOf(alice, 'out', 'month')).toBe('0.00 EUR');
      await pay(alice.client, '10 EUR');
    });

    test('counts what is received whoever pays, and nothing of what is refused, tried, or asked again', async () => {
      await limit('in', 'day', '10 EUR');
      const carol = await person(harness, 'carol');
      await fund(harness, carol, '100');
      await pay(alice.client, '6 EUR');
      await refusalOf(pay(carol.client, '4.01 EUR'), 'recipient_limited');
      await refusalOf(pay(alice.client, '994.01 EUR'), 'recipient_limited');
      await carol.client.call(
        'create-transfer',
        { to: bob.email, amount: money('4 EUR'), dryRun: true },
        { key: newKey() },
      );
      const key = newKey();
      for (let again = 0; again < 3; again++) await pay(carol.client, '4 EUR', bob.email, key);
      expect(await usedOf(bob, 'in', 'day')).toBe('10.00 EUR');
      expect(await balanceOf(bob)).toBe('10.00 EUR');
    });

    test('is burnt into the key that it refused, and why explains it', async () => {
      await limit('out', 'day', '1 EUR');
      const key = newKey();
      const { id = '' } = await refusalOf(pay(alice.client, '2 EUR', bob.email, key), 'limit_exceeded');
      const about = await alice.client.call('explain', { id });
      expect(about.because[0]).toContain('1.00 EUR that this account may send in a day');
      expect(about.because.at(-1)).toBe('Left now: 1.00 EUR of 1.00 EUR, until 2026-03-31T00:00:00.000Z.');
      expect(about.next).toBe('okpay limits');
      await limit('out', 'day', '3 EUR');
      await refusalOf(pay(alice.client, '2 EUR', bob.email, key), 'limit_exceeded');
      const later = await alice.client.call('explain', { id });
      expect(later.because.at(-1)).toContain('3.00 EUR of 3.00 EUR');
      expect(later.next).toBe('okpay send');
    });
  });

  describe('many at once (ASVS V2.3.4)', () => {
    test('100 payments at once, by single calls and lists, against a limit for 37: 37 are done', async () => {
      await limit('out', 'day', '37 EUR');
      const row = () => ({ key: newKey(), to: bob.email, amount: money('1 EUR') });
      await Promise.all([
        alice.client.call('create-transfers', { transfers: Array.from({ length: 50 }, row) }),
        ...Array.from({ length: 50 }, () => pay(alice.client, '1 EUR').catch(() => undefined)),
      ]);
      expect(await balanceOf(bob)).toBe('37.00 EUR');
      expect(await usedOf(alice, 'out', 'day')).toBe('37.00 EUR');
    });

    test('100 who pay one at once, against a limit of what that one receives: it holds', async () => {
      await limit('in', 'day', '7 EUR');
      const carol = await person(harness, 'carol');
      await limit('in', 'day', '100 EUR', 'payer');
      await admin.client.call('set-level', { holder: carol.id, level: 'payer', reason: 'may get more' });
      await pay(alice.client, '50 EUR', carol.email);
      const all = [alice, carol].flatMap(({ client }) =>
        Array.from({ length: 50 }, () => pay(client, '0.50 EUR')),
      );
      const done = (await Promise.allSettled(all)).filter(({ status }) => status === 'fulfilled');
      expect(done).toHaveLength(14);
      expect(await balanceOf(bob)).toBe('7.00 EUR');
    });

    test('positive control: with an intent without its guards the limit is exceeded', async () => {
      await limit('out', 'day', '37 EUR');
      const { poster } = harness.service.deps;
      const careless: Poster = { ...poster, post: (intent) => poster.post({ ...intent, guards: [] }) };
      const perform = performWith(harness, { poster: careless });
      const input = { to: bob.email, amount: money('1 EUR') };
      await Promise.all(
        Array.from({ length: 100 }, () =>
          perform(alice, { operation: 'create-transfer', input, key: newKey() }),
        ),
      );
      expect(await balanceOf(bob)).toBe('100.00 EUR');
    });

    test.runIf(engine.name === 'postgres')('two nodes at once count as one', async () => {
      await limit('out', 'day', '37 EUR');
      const { databaseUrl, outboxDirectory } = harness;
      const other = await openService({
        databaseUrl,
        outboxDirectory,
        publicUrl: 'http://127.0.0.1:7227',
        keysPath: `${outboxDirectory}.keys`,
        now: harness.clock.now,
        log: harness.service.deps.log,
      });
      try {
        const input = { to: bob.email, amount: money('1 EUR') };
        const calls = Array.from({ length: 100 }, (_, at) =>
          (at % 2 === 0 ? harness.service : other)
            .perform(
              { operation: 'create-transfer', input, key: newKey(), token: alice.token },
              { console: true },
            )
            .catch(() => undefined),
        );
        await Promise.all(calls);
      } finally {
        await other.close();
      }
      expect(await balanceOf(bob)).toBe('37.00 EUR');
    });
  });

  test('costs a payment no question more, unless it has to be counted in another currency', async () => {
    const questions = async () => {
      const { engine: db } = harness.service.deps;
      let asked = 0;
      const counting = {
        ...db,
        all: (...question: Parameters<typeof db.all>) => ((asked += 1), db.all(...question)),
        one: (...question: Parameters<typeof db.one>) => ((asked += 1), db.one(...question)),
        ...(db.gather && {
          gather: (...question: Parameters<typeof db.gather>) => ((asked += 1), db.gather?.(...question)),
        }),
      } as typeof db;
      const input = { to: bob.email, amount: money('1 EUR') };
      await performWith(harness, { engine: counting })(alice, {
        operation: 'create-transfer',
        input,
        key: newKey(),
      }).catch(() => undefined);
      return asked;
    };
    const without = await questions();
    for (const direction of ['in', 'out'] as const)
      for (const per of ['payment', 'day', 'month'] as const) await limit(direction, per, '100 EUR');
    expect(without).toBeGreaterThan(1);
    expect(await questions()).toBe(without);
    expect(await usedOf(bob, 'in', 'month')).toBe('1.00 EUR');
    await limit('out', 'day', '100 USD');
    expect(await questions()).toBeGreaterThan(without);
  });

  describe('levels', () => {
    test('say which limits an account has; what is used stays used, and there are none by default', async () => {
      await pay(alice.client, '100 EUR');
      expect(await alice.client.call('get-limits', {})).toEqual({ level: 'basic', limits: [] });
      await limit('out', 'day', '10 EUR');
      await limit('out', 'day', '20 EUR', 'known');
      await pay(alice.client, '10 EUR');
      await refusalOf(pay(alice.client, '1 EUR'), 'limit_exceeded');
      await admin.client.call('set-level', { holder: alice.email, level: 'known', reason: 'papers seen' });
      const mail = await harness.nextMail(alice.email, 'level-set');
      expect(mail.text).toContain('level “known”');
      await refusalOf(pay(alice.client, '10.01 EUR'), 'limit_exceeded');
      await pay(alice.client, '10 EUR');
      await limit('out', 'day', undefined, 'known');
      await pay(alice.client, '500 EUR');
      await admin.client.call('set-level', { holder: alice.email, level: 'basic', reason: 'papers ran out' });
      const { limits } = await alice.client.call('get-limits', {});
      expect(limits.map(({ used, left }) => [used?.amount, left?.amount])).toEqual([['20.00', '0.00']]);
      await refusalOf(pay(alice.client, '0.01 EUR'), 'limit_exceeded');
      expect(await recordsOf('level-set')).toMatchObject([
        { subject: alice.id, reason: 'papers seen', facts: { level: 'known', before: 'basic' } },
        { subject: alice.id, reason: 'papers ran out', facts: { level: 'basic', before: 'known' } },
      ]);
    });

    test('are set by seniors, to others, and only those that are there', async () => {
      const senior = await person(harness, 'senior', 'senior');
      const before = await everything(harness);
      const set = (holder: string, level: string) =>
        senior.client.call('set-level', { holder, level, reason: 'papers seen' });
      const slip = await refusalOf(set(alice.id, 'trusted'), 'not_found');
      expect(slip.facts).toEqual({ thing: 'level', id: 'trusted' });
      await refusalOf(set(senior.id, 'basic'), 'staff_self');
      await refusalOf(set(admin.id, 'basic'), 'role_insufficient');
      await set(alice.id, 'basic');
      expect(await everything(harness)).toEqual(before);
    });

    test('are listed with their limits in one order, and every change is recorded with its reason', async () => {
      await limit('withdraw', 'month', '5000 EUR', 'known');
      await limit('in', 'day', '200 USD', 'known');
      await limit('in', 'payment', '100 EUR', 'known');
      await limit('in', 'payment', '50 EUR', 'known');
      const { levels } = await admin.client.call('list-limits', {});
      expect(levels).toEqual([
        { level: 'basic', limits: [] },
        {
          level: 'known',
          limits: [
            { direction: 'in', per: 'payment', most: money('50.00 EUR') },
            { direction: 'in', per: 'day', most: money('200.00 USD') },
            { direction: 'withdraw', per: 'month', most: money('5000.00 EUR') },
          ],
        },
      ]);
      const records = await recordsOf('limit-set');
      expect(records).toHaveLength(4);
      expect(records[0]).toMatchObject({ reason: 'risk', facts: { level: 'known', most: '5000.00 EUR' } });
    });
  });
});
