import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, everything, newKey, person, refusalOf } from '../money/wallet.ts';
import { bankDay, importFile, inSuspense, type Line } from './bank-day.ts';

eachEngine((engine) => {
  let harness: Harness;
  let staff: Holder;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    staff = await person(harness, `support${newKey()}`, 'support');
    alice = await person(harness, 'alice');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const items = async (state?: 'open' | 'assigned') =>
    (await staff.client.call('list-suspense', state === undefined ? {} : { state })).items;
  /** Books entries nobody can be found for; gives their transfers in the order of the lines. */
  const wait = async (...lines: Partial<Line>[]): Promise<string[]> => {
    const before = new Set((await items()).map(({ transfer }) => transfer));
    await importFile(
      staff,
      bankDay({ lines: lines.map((line, at) => ({ amount: `${at + 1}.00`, ref: newKey(), ...line })) }),
    );
    const ids = (await items()).map(({ transfer }) => transfer).filter((id) => !before.has(id));
    return ids.reverse();
  };
  const assign = (transfer: string, to: string, who = staff, key = newKey()) =>
    who.client.call('assign-suspense', { transfer, to, reason: 'asked on the phone' }, { key });

  test('a credit is given to the holder it belongs to, who sees it, and is no longer open', async () => {
    const [first, second] = await wait({}, {});
    const given = await assign(second ?? '', alice.email);
    expect(given).toEqual({
      id: expect.stringMatching(/^trf_/),
      kind: 'assignment',
      state: 'done',
      at: '2026-03-02T09:00:00.000Z',
      from: { name: 'Unassigned bank entries' },
      to: { id: alice.id, name: 'Alice Example', email: alice.email },
      direction: 'other',
      paid: { amount: '2.00', currency: 'EUR' },
      fee: { amount: '0.00', currency: 'EUR' },
      received: { amount: '2.00', currency: 'EUR' },
    });
    expect([await balanceOf(alice), await inSuspense(harness)]).toEqual(['2.00 EUR', '1.00']);
    expect((await items('open')).map(({ transfer }) => transfer)).toEqual([first]);
    expect((await items('assigned')).map(({ transfer, state }) => [transfer, state])).toEqual([
      [second, 'assigned'],
    ]);
    expect((await items()).map(({ transfer }) => transfer)).toEqual([second, first]);
    const [seen] = (await alice.client.call('list-transfers', { kind: 'assignment' })).transfers;
    expect(seen).toMatchObject({ id: given.id, direction: 'in', balanceAfter: { amount: '2.00' } });
    expect((await alice.client.call('explain', { id: given.id })).because).toEqual([
      'A member of staff found that this bank entry belongs to Alice Example and assigned 2.00 EUR.',
    ]);
    expect((await staff.client.call('explain', { id: first ?? '' })).because).toEqual([
      'This bank entry waits in suspense: it carries no deposit reference.',
    ]);
    expect((await staff.client.call('explain', { id: second ?? '' })).because).toEqual([
      'This bank entry went to suspense: it carries no deposit reference.',
      `It was assigned by ${given.id}.`,
    ]);
  });

  test('is given once, also by 30 at once (ASVS V15.4.2)', async () => {
    const bob = await person(harness, 'bob');
    const other = await person(harness, `senior${newKey()}`, 'senior');
    const [item = ''] = await wait({});
    const results = await Promise.allSettled(
      Array.from({ length: 30 }, (_, at) =>
        assign(item, at % 2 === 0 ? alice.email : bob.email, at % 3 === 0 ? other : staff),
      ),
    );
    const codes = results.map((result) =>
      result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code,
    );
    expect(codes.filter((code) => code === 'done')).toHaveLength(1);
    expect(codes.filter((code) => code === 'reference_used')).toHaveLength(29);
    expect(await inSuspense(harness)).toBe('0.00');
    expect((await refusalOf(assign(item, alice.email), 'reference_used')).exitCode).toBe(3);
  });

  describe('an Idempotency-Key', () => {
    test('gives the first answer again, and staff no holder’s balance', async () => {
      const [item = ''] = await wait({});
      const key = newKey();
      const first = await assign(item, alice.email, staff, key);
      expect(await assign(item, alice.email, staff, key)).toEqual(first);
      expect(await assign(item, alice.id, staff, key)).toEqual(first);
      expect(await staff.client.call('get-intent', { key })).toEqual({ key, state: 'done', transfer: first });
      // It is alice's now: staff look at it with a reason.
      await refusalOf(staff.client.call('get-transfer', { transfer: first.id }), 'not_found');
      expect(await balanceOf(alice)).toBe('1.00 EUR');
    });

    test('is needed, and is for one assignment', async () => {
      const bob = await person(harness, 'bob');
      const [one = '', two = ''] = await wait({}, {});
      const input = { transfer: one, to: alice.email, reason: 'x' };
      await refusalOf(staff.client.call('assign-suspense', input), 'idempotency_key_missing');
      const key = newKey();
      await staff.client.call('assign-suspense', input, { key });
      for (const [field, change] of [
        ['transfer', { transfer: two }],
        ['to', { to: bob.email }],
        ['reason', { reason: 'y' }],
      ] as const) {
        const again = staff.client.call('assign-suspense', { ...input, ...change }, { key });
        expect((await refusalOf(again, 'idempotency_mismatch')).facts).toEqual({ field });
      }
    });
  });

  test('nobody gives anything to themselves', async () => {
    const [item = ''] = await wait({});
    for (const to of [staff.email, staff.id, staff.email.toUpperCase()]) {
      const refused = await refusalOf(assign(item, to), 'staff_self');
      expect([refused.status, refused.exitCode]).toEqual([403, 3]);
    }
    const other = await person(harness, `senior${newKey()}`, 'senior');
    await assign(item, staff.email, other);
  });

  test('only to somebody, only what waits, only by staff', async () => {
    const [item = '', debit = ''] = await wait({}, { side: 'DBIT' });
    await harness.call('register', {
      email: 'eve@example.com',
      displayName: 'Eve Example',
      password: 'a long enough password for eve',
    });
    const before = await everything(harness);
    await refusalOf(assign(item, 'nobody@example.com'), 'recipient_unknown');
    await refusalOf(assign(item, 'eve@example.com'), 'recipient_unknown');
    await refusalOf(assign(item, 'eve@'), 'email_invalid');
    await refusalOf(assign('trf_00000000000000000000000000', alice.email), 'not_found');
    await refusalOf(assign(alice.id, alice.email), 'not_found');
    await refusalOf(assign(debit, alice.email), 'not_found');
    await refusalOf(assign(item, alice.email, alice), 'role_insufficient');
    for (const reason of ['', 'a\u0000b', '\ud800', 'x'.repeat(201)]) {
      const call = staff.client.call(
        'assign-suspense',
        { transfer: item, to: alice.email, reason },
        { key: newKey() },
      );
      expect((await refusalOf(call, 'input_invalid')).facts['field']).toBe('reason');
    }
    expect(await everything(harness)).toEqual(before);
    const given = await assign(item, alice.email);
    await refusalOf(assign(given.id, alice.email), 'not_found');
    expect((await items()).find(({ transfer }) => transfer === debit)).toMatchObject({
      direction: 'debit',
      state: 'open',
      amount: { amount: '2.00', currency: 'EUR' },
    });
  });

  test('pages tell every item once, newest first, over all currencies and in each state', async () => {
    for (let at = 0; at < 4; at++) {
      const lines = [{}, {}, {}].map((_, place) => ({ amount: `${place + 1}.00`, ref: newKey() }));
      await importFile(staff, bankDay({ lines, currency: at % 2 === 0 ? 'EUR' : 'USD' }));
    }
    const all = await items();
    expect(all).toHaveLength(12);
    expect(all.map(({ transfer }) => transfer)).toEqual(
      all
        .map(({ transfer }) => transfer)
        .sort()
        .reverse(),
    );
    for (const item of all.filter((_, at) => at % 3 === 0)) await assign(item.transfer, alice.email);
    for (const state of [undefined, 'open', 'assigned'] as const) {
      for (const limit of [1, 2, 5, 12, 100]) {
        const told: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await staff.client.call('list-suspense', {
            limit,
            ...(state === undefined ? {} : { state }),
            ...(cursor === undefined ? {} : { cursor }),
          });
          told.push(...page.items.map(({ transfer }) => transfer));
          cursor = page.nextCursor;
        } while (cursor !== undefined);
        const wanted = all.filter(
          (_, at) => state === undefined || (at % 3 === 0) === (state === 'assigned'),
        );
        expect(told, `${state} by ${limit}`).toEqual(wanted.map(({ transfer }) => transfer));
      }
    }
    await refusalOf(staff.client.call('list-suspense', { cursor: 'x' }), 'input_invalid');
    await refusalOf(staff.client.call('list-suspense', { limit: 0 }), 'input_invalid');
  });

  test('a bank’s hostile text is kept exactly and its length is bounded', async () => {
    const text = "'); DROP TABLE transfers;-- \u202e =1+1 &lt;script&gt; \u0085";
    const long = `${'x'.repeat(139)}`;
    await wait({ text }, { parts: [{ text: long }], information: '😀'.repeat(240) });
    const [second, first] = await items();
    expect(first?.remittance).toBe(text.replace('&lt;', '<').replace('&gt;', '>'));
    expect(second?.remittance.isWellFormed()).toBe(true);
    expect(second?.remittance.length).toBeLessThanOrEqual(500);
  });
});
