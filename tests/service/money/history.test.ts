import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, newKey, pay, person, quote, refusalOf, say, send } from './wallet.ts';

type Filters = Input<'list-transfers'>;
type Row = Output<'list-transfers'>['transfers'][number];

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let carol: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, carol] = [
      await person(harness, 'alice'),
      await person(harness, 'bob'),
      await person(harness, 'carol'),
    ];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  /** Every page, one after the other. */
  const allOf = async (who: Holder, filters: Filters = {}): Promise<Row[]> => {
    const rows: Row[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await who.client.call('list-transfers', {
        ...filters,
        ...(cursor === undefined ? {} : { cursor }),
      });
      expect(page.transfers.length).toBeLessThanOrEqual(Number(filters.limit ?? 20));
      rows.push(...page.transfers);
      cursor = page.nextCursor;
      if (cursor === undefined) return rows;
      expect(page.transfers.length, 'a page with a next one is full').toBe(Number(filters.limit ?? 20));
    }
  };

  test('an empty history is empty, also with every filter', async () => {
    expect(await alice.client.call('list-transfers', {})).toEqual({ transfers: [] });
    expect(
      await allOf(alice, { currency: 'eur', direction: 'in', kind: 'deposit', with: bob.email }),
    ).toEqual([]);
  });

  test('is newest first over all currencies, with the balance after each, and the cursor misses and repeats none', async () => {
    const currencies = ['EUR', 'JPY', 'KWD'] as const;
    for (const currency of currencies) await fund(harness, alice, '1000', currency);
    const script = fc.sample(
      fc.record({
        currency: fc.constantFrom(...currencies),
        back: fc.boolean(),
        amount: fc.integer({ min: 1, max: 9 }),
        pauseMs: fc.constantFrom(0, 0, 1, 1000),
      }),
      { numRuns: 60, seed: 20261123 },
    );
    for (const { currency, back, amount, pauseMs } of script) {
      harness.clock.advance(pauseMs);
      const [from, to] = back ? [bob, alice] : [alice, bob];
      await send(from, to.email, `${amount} ${currency}`).catch(() => undefined);
    }
    const whole = await allOf(alice, { limit: 100 });
    expect(whole.map(({ id }) => id)).toEqual(
      whole
        .map(({ id }) => id)
        .sort()
        .reverse(),
    );
    expect(whole.length).toBeGreaterThan(40);
    // The balances after, read upwards, are the running sums of each currency.
    for (const currency of currencies) {
      let balance = 0n;
      for (const row of whole.filter(({ paid }) => paid.currency === currency).reverse()) {
        const minor = BigInt((row.direction === 'in' ? row.received : row.paid).amount.replace('.', ''));
        balance += row.direction === 'in' ? minor : -minor;
        expect(BigInt(row.balanceAfter?.amount.replace('.', '') ?? 'x')).toBe(balance);
      }
    }
    await fc.assert(
      fc.asyncProperty(
        fc.record(
          {
            limit: fc.integer({ min: 1, max: 40 }),
            currency: fc.constantFrom(...currencies),
            direction: fc.constantFrom('in' as const, 'out' as const),
            kind: fc.constantFrom('transfer' as const, 'deposit' as const, 'assignment' as const),
            with: fc.constantFrom(bob.email, bob.id, carol.email),
          },
          { requiredKeys: ['limit'] },
        ),
        async (filters) => {
          const expected = whole.filter(
            (row) =>
              (filters.currency === undefined || row.paid.currency === filters.currency) &&
              (filters.direction === undefined || row.direction === filters.direction) &&
              (filters.kind === undefined || row.kind === filters.kind) &&
              (filters.with === undefined || (row.kind === 'transfer' && filters.with !== carol.email)),
          );
          expect(await allOf(alice, filters)).toEqual(expected);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('payments that arrive while pages are turned are neither lost nor told twice', async () => {
    await fund(harness, alice, '100');
    for (let at = 0; at < 10; at++) await send(alice, bob.email, '1 EUR');
    const before = await allOf(alice);
    const first = await alice.client.call('list-transfers', { limit: 4 });
    for (let at = 0; at < 3; at++) await send(alice, bob.email, '2 EUR');
    const rest = await allOf(alice, { cursor: first.nextCursor as string });
    expect([...first.transfers, ...rest].map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  });

  describe('a stretch of time', () => {
    test('holds its first instant and not its last, in any offset', async () => {
      await fund(harness, alice, '100');
      const ids: string[] = [];
      for (let at = 0; at < 3; at++) {
        harness.clock.advance(60_000);
        ids.push((await send(alice, bob.email, '1 EUR')).id);
      }
      const found = async (since: string, until: string) =>
        (await allOf(alice, { kind: 'transfer', since, until })).map(({ id }) => ids.indexOf(id));
      expect(await found('2026-03-02T09:01:00Z', '2026-03-02T09:03:00Z')).toEqual([1, 0]);
      expect(await found('2026-03-02T10:01:00.001+01:00', '2026-03-02T10:03:00.001+01:00')).toEqual([2, 1]);
      expect(await found('2026-03-01T23:02:00-10:00', '2026-03-03T00:00:00Z')).toEqual([2, 1]);
    });

    test('ends after it begins, and is written as RFC 3339 says', async () => {
      const [since, until] = ['2026-03-02T09:00:00Z', '2026-03-02T10:00:00+01:00'];
      const refused = await refusalOf(allOf(alice, { since, until }), 'input_invalid');
      expect(refused.facts['field']).toBe('until');
      for (const bad of ['2026-03-02', '2026-03-02T09:00:00', 'yesterday', '2026-02-30T00:00:00Z', '1']) {
        await refusalOf(allOf(alice, { since: bad }), 'input_invalid');
      }
    });

    test('is of a year with four digits, in UTC, as what is kept is', async () => {
      await refusalOf(allOf(alice, { since: '9999-12-31T23:59:59-00:01' }), 'input_invalid');
      await refusalOf(allOf(alice, { until: '0000-01-01T00:00:00+00:01' }), 'input_invalid');
      expect(await allOf(alice, { since: '9999-12-31T23:59:59Z' })).toEqual([]);
      expect(await allOf(alice, { until: '0000-01-01T00:00:00Z' })).toEqual([]);
    });
  });

  test('filters and pages that make no sense are refused by name', async () => {
    const bad: [string, Filters][] = [
      ['limit', { limit: 0 }],
      ['limit', { limit: 101 }],
      ['limit', { limit: 1.5 }],
      ['limit', { limit: 'many' as unknown as number }],
      ['limit', { limit: '0x10' as unknown as number }],
      ['limit', { limit: ' 5' as unknown as number }],
      ['limit', { limit: '05' as unknown as number }],
      ['cursor', { cursor: '' }],
      ['cursor', { cursor: 'zzz' }],
      ['cursor', { cursor: alice.id }],
      ['direction', { direction: 'up' as 'in' }],
      ['kind', { kind: 'suspense' as 'deposit' }],
      ['owner', { owner: bob.id } as Filters],
    ];
    for (const [field, filters] of bad) {
      const refused = await refusalOf(alice.client.call('list-transfers', filters), 'input_invalid');
      expect(refused.facts['field']).toBe(field);
    }
    await refusalOf(alice.client.call('list-transfers', { currency: 'XXX' }), 'currency_unknown');
    await refusalOf(alice.client.call('list-transfers', { with: 'nobody@example.com' }), 'recipient_unknown');
  });

  test('nobody’s history shows what others did', async () => {
    for (const holder of [alice, bob, carol]) await fund(harness, holder, '100');
    const people = [alice, bob, carol];
    for (let at = 0; at < 12; at++) {
      const from = people[at % 3] as Holder;
      const to = people[(at + 1 + (at % 2)) % 3] as Holder;
      await send(from, to.email, `${at + 1} EUR`);
    }
    const [staff] = [await person(harness, `viewer${newKey()}`, 'viewer')];
    const told = new Map<string, Set<string>>();
    for (const holder of people) {
      const rows = await allOf(holder);
      for (const row of rows) {
        expect([row.from.id, row.to.id]).toContain(holder.id);
        told.set(row.id, (told.get(row.id) ?? new Set()).add(holder.id));
      }
      for (const other of people) {
        const shared = await allOf(holder, { with: other.email });
        const expected =
          other === holder ? rows : rows.filter((row) => [row.from.id, row.to.id].includes(other.id));
        expect(shared.map(({ id }) => id)).toEqual(expected.map(({ id }) => id));
      }
    }
    expect([...told.values()].filter((owners) => owners.size === 2)).toHaveLength(12);
    // A payment's quote is the payer's business.
    for (const row of await allOf(bob)) expect(row.quote === undefined).toBe(row.direction !== 'out');
    // Staff have a history of their own like everybody, and look others' transfers up one by one.
    expect(await allOf(staff)).toEqual([]);
  });

  test('a transfer reads the same in the history, alone, and in the answer to its call', async () => {
    await fund(harness, alice, '100');
    const paid = await pay(alice, await quote(alice, bob.email, '7 EUR'), { note: 'seven' });
    const [listed] = await allOf(alice);
    expect(listed).toEqual(paid);
    expect(await alice.client.call('get-transfer', { transfer: paid.id })).toEqual(paid);
    expect(say((await allOf(bob))[0]?.balanceAfter ?? { amount: '', currency: '' })).toBe('7.00 EUR');
  });
});
