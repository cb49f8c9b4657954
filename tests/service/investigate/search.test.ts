import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, person, fund, money, refusalOf, send } from '../money/wallet.ts';

type Search = Omit<Input<'search-accounts'>, 'reason'>;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let viewer: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, viewer] = [
      await person(harness, 'alice'),
      await person(harness, 'bob'),
      await person(harness, 'vera', 'viewer'),
    ];
    await harness.service.deps.engine.transact(async (tx) => {
      await tx.run('UPDATE users SET phone = ? WHERE id = ?', ['+4915112345678', alice.id]);
    });
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const search = (what: Search) =>
    viewer.client.call('search-accounts', { ...what, reason: 'a call on the telephone' });
  const found = async (what: Search) => {
    const { by, matches } = await search(what);
    return [by, ...matches.map(({ holder }) => holder.name)];
  };

  test('one word is recognised by its form, and each form has a field of its own', async () => {
    await fund(harness, alice, '100');
    harness.clock.advance(1_000);
    const paid = await send(alice, bob.email, '12.50 EUR');
    await alice.client.call('create-payee', { name: 'My Landlord', to: bob.email });
    const row = await harness.service.deps.engine.one<{ reference: string }>(
      'SELECT deposit_reference AS reference FROM users WHERE id = ?',
      [alice.id],
    );
    const reference = row?.reference ?? '';
    const cases: [string, Search, string[]][] = [
      ['ALICE@example.com', { email: 'Alice@Example.com' }, ['email', 'Alice Example']],
      ['+49 151 12345678', { phone: '+49-151-12345678' }, ['phone', 'Alice Example']],
      [alice.id, { id: alice.id }, ['id', 'Alice Example']],
      [paid.id, { transfer: paid.id }, ['transfer', 'Alice Example', 'Bob Example']],
      [
        reference.toLowerCase(),
        { reference: reference.replace(/(.{4})/g, '$1 ') },
        ['reference', 'Alice Example'],
      ],
      ['12.50EUR', { amount: money('12.50 EUR') }, ['amount', 'Alice Example', 'Bob Example']],
      ['eur 12.5', { amount: money('12.5 eur') }, ['amount', 'Alice Example', 'Bob Example']],
      ['my landlord', { payee: 'MY LANDLORD' }, ['payee', 'Alice Example']],
    ];
    for (const [query, field, expected] of cases) {
      expect(await found({ query }), query).toEqual(expected);
      expect(await found(field), JSON.stringify(field)).toEqual(expected);
    }
    const { matches } = await search({ payee: 'my landlord' });
    expect(matches[0]?.payee).toEqual({
      name: 'My Landlord',
      to: { id: bob.id, name: 'Bob Example', email: 'b•••@example.com' },
    });
    // What is somebody's leads to them.
    const quote = await alice.client.call('create-quote', { to: bob.email, amount: money('1 EUR') });
    expect(await found({ query: quote.id })).toEqual(['id', 'Alice Example']);
  });

  test('shows no more of a holder than it takes to know them (ASVS V14.2.6)', async () => {
    const { matches } = await search({ query: alice.email });
    expect(matches).toEqual([
      {
        holder: {
          id: alice.id,
          name: 'Alice Example',
          email: 'a•••@example.com',
          phone: '+49•••678',
          createdAt: expect.any(String),
        },
      },
    ]);
  });

  test('nobody and nothing are an empty answer, and one search looks for one thing', async () => {
    for (const query of [
      'no@example.com',
      '+4900000000',
      'usr_00000000000000000000000000',
      'nobody',
      '1 JPY',
    ])
      expect((await search({ query })).matches, query).toEqual([]);
    await refusalOf(search({}), 'input_invalid');
    await refusalOf(search({ query: 'x', email: 'y@example.com' }), 'input_invalid');
    await refusalOf(search({ amount: money('1.234 EUR') }), 'amount_invalid');
    await refusalOf(
      search({ since: '2026-03-03T00:00:00Z', until: '2026-03-02T00:00:00Z' }),
      'input_invalid',
    );
    await refusalOf(search({ query: '1 EUR', cursor: alice.id }), 'input_invalid');
  });

  test('hostile words find nothing and change nothing', async () => {
    for (const query of [
      "' OR 1=1 --",
      '%',
      '_',
      '"; DROP TABLE users',
      '‮txet',
      '\u001b[31m',
      '٣ EUR',
      '0x10EUR',
      '-1 EUR',
    ])
      expect((await search({ query }).catch(() => ({ matches: [] }))).matches, query).toEqual([]);
    await refusalOf(search({ query: 'a\0b' }), 'input_invalid');
  });

  test('an amount is looked for in a time, page by page, and no page misses or repeats a transfer', async () => {
    await fund(harness, alice, '1000');
    const ids: string[] = [];
    for (let at = 0; at < 23; at++) {
      harness.clock.advance(60_000);
      const { id } = await send(alice, bob.email, at % 2 === 0 ? '7.00 EUR' : '8.00 EUR');
      if (at % 2 === 0) ids.unshift(id);
    }
    const all: string[] = [];
    for (let cursor: string | undefined; ;) {
      const page = await search({ query: '7 EUR', limit: 5, ...(cursor === undefined ? {} : { cursor }) });
      const outs = page.matches.filter(({ transfer }) => transfer?.direction === 'out');
      expect(outs.length).toBeLessThanOrEqual(5);
      all.push(...outs.map(({ transfer }) => transfer?.id ?? ''));
      cursor = page.nextCursor;
      if (cursor === undefined) break;
    }
    expect(all).toEqual(ids);
    const until = new Date(harness.clock.now() - 10 * 60_000 + 1).toISOString();
    const since = new Date(harness.clock.now() - 12 * 60_000).toISOString();
    const { matches, window } = await search({ amount: money('7 EUR'), since, until });
    expect(new Set(matches.map(({ transfer }) => transfer?.id)).size).toBe(2);
    expect(window).toEqual({ since, until });
    // Without a time, the last day.
    harness.clock.advance(25 * 3_600_000);
    viewer = await person(harness, 'vicky', 'viewer');
    expect((await search({ query: '7 EUR' })).matches).toEqual([]);
  });

  test('a time alone finds the accounts that were opened then', async () => {
    const start = harness.clock.now();
    harness.clock.advance(3_600_000);
    await person(harness, 'carol');
    harness.clock.advance(3_600_000);
    await person(harness, 'dave');
    harness.clock.advance(1);
    viewer = await person(harness, 'vicky', 'viewer');
    const since = new Date(start + 1_800_000).toISOString();
    expect(await found({ since, until: new Date(harness.clock.now()).toISOString() })).toEqual([
      'opened',
      'Dave Example',
      'Carol Example',
    ]);
    expect(await found({ since, until: new Date(start + 5_400_000).toISOString() })).toEqual([
      'opened',
      'Carol Example',
    ]);
    const first = await search({ since, limit: 2 });
    expect(first.matches.map(({ holder }) => holder.name)).toEqual(['Vicky Example', 'Dave Example']);
    expect(await found({ since, limit: 2, cursor: first.nextCursor ?? '' })).toEqual([
      'opened',
      'Carol Example',
    ]);
  });

  describe('is recorded (ASVS V16.2.1)', () => {
    const records = () =>
      harness.service.deps.engine.all<{ action: string; subject: string; reason: string; facts: string }>(
        'SELECT action, subject, reason, facts FROM audit_log WHERE actor = ? ORDER BY id',
        [viewer.id],
      );

    test('once as a search, and once for each holder found, with the reason and without what was typed', async () => {
      await search({ query: alice.email });
      await search({ query: 'no@example.com' });
      expect(await records()).toEqual([
        {
          action: 'accounts-searched',
          subject: viewer.id,
          reason: 'a call on the telephone',
          facts: '{"by":"email","found":"1"}',
        },
        {
          action: 'account-found',
          subject: alice.id,
          reason: 'a call on the telephone',
          facts: '{"by":"email"}',
        },
        expect.objectContaining({ action: 'accounts-searched', facts: '{"by":"email","found":"0"}' }),
      ]);
    });

    test('and takes a reason', async () => {
      const call = (reason: string) => viewer.client.call('search-accounts', { query: alice.email, reason });
      await refusalOf(call(''), 'input_invalid');
      await refusalOf(call('x'.repeat(201)), 'input_invalid');
      await refusalOf(
        viewer.client.call('search-accounts', { query: alice.email } as Input<'search-accounts'>),
        'input_invalid',
      );
      expect(await records()).toEqual([]);
    });
  });
});
