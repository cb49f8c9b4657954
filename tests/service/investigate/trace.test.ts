import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, person, refusalOf, say, send } from '../money/wallet.ts';

type Trace = Output<'trace-transfer'>;
type Branch = Trace['branches'][number];
type Entry = { transfer: string; account: bigint; amount: bigint; kind: string };

/** A penny on its way: by which transfer it came to the account it is in. */
type Penny = { readonly by: string };

/**
 * What the book says about every penny, moved one by one: for each transfer, by which it had come to who paid it, and
 * by which it left again. `take` is the rule: which penny of those in an account leaves first.
 */
function followPennies(entries: readonly Entry[], take: (pennies: Penny[]) => Penny | undefined) {
  const held = new Map<bigint, Penny[]>();
  const from = new Map<string, Map<string, number>>();
  const to = new Map<string, Map<string, number>>();
  const count = (table: typeof from, one: string, other: string) => {
    const counts = table.get(one) ?? new Map<string, number>();
    table.set(one, counts.set(other, (counts.get(other) ?? 0) + 1));
  };
  for (const { transfer, account, amount, kind } of entries) {
    if (kind !== 'holder') continue;
    const pennies = held.get(account) ?? [];
    held.set(account, pennies);
    for (let at = 0n; at < amount; at++) pennies.push({ by: transfer });
    for (let at = 0n; at < -amount; at++) {
      const penny = take(pennies);
      if (!penny) throw new Error('an account paid what it did not have');
      count(from, transfer, penny.by);
      count(to, penny.by, transfer);
    }
  }
  const kept = new Map<string, number>();
  for (const { by } of [...held.values()].flat()) kept.set(by, (kept.get(by) ?? 0) + 1);
  return { from, to, kept };
}

const oldest = (pennies: Penny[]) => pennies.shift();
const newest = (pennies: Penny[]) => pennies.pop();

eachEngine((engine) => {
  let harness: Harness;
  let people: Holder[];
  let sue: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    people = [];
    for (const name of ['alice', 'bob', 'carol', 'dave']) people.push(await person(harness, name));
    sue = await person(harness, 'sue', 'support');
    const ada = await person(harness, 'ada', 'admin');
    await ada.client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.03' });
    harness.clock.advance(1_000);
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const trace = (transfer: string, options: Partial<Input<'trace-transfer'>> = {}) =>
    sue.client.call('trace-transfer', { transfer, reason: 'a report', depth: 1, ...options });
  const pennies = ({ amount }: { amount: { amount: string } }) => Number(amount.amount.replace('.', ''));
  const seen = (branches: readonly Branch[], side: Branch['side']) => {
    const own = branches.filter((branch) => branch.side === side && branch.parent === 0);
    return new Map(own.map((branch) => [branch.transfer?.id ?? branch.is, pennies(branch)]));
  };

  test('is first in, first out, to the penny, also when payments were posted together', async () => {
    const plan = fc.sample(
      fc.record({
        from: fc.nat(3),
        to: fc.nat(3),
        cents: fc.integer({ min: 5, max: 400 }),
        fund: fc.boolean(),
      }),
      { numRuns: 160, seed: 20261126 },
    );
    for (let at = 0; at < plan.length; at += 8) {
      // At once: their ids and their places in the book then differ in order.
      await Promise.allSettled(
        plan.slice(at, at + 8).map(async ({ from, to, cents, fund: isDeposit }) => {
          const amount = `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`;
          const [payer, payee] = [people[from], people[to]];
          if (!payer || !payee) return;
          await (isDeposit ? fund(harness, payer, amount) : send(payer, payee.email, `${amount} EUR`));
        }),
      );
      harness.clock.advance(5);
    }
    const entries = await harness.service.deps.engine.all<Entry & { seq: bigint }>(
      `SELECT e.transfer, e.account, e.amount, a.kind, e.seq FROM entries e JOIN accounts a ON a.id = e.account
        JOIN transfers t ON t.id = e.transfer ORDER BY e.account, e.seq`,
    );
    const transfers = [...new Set(entries.map(({ transfer }) => transfer))];
    const truth = followPennies(entries, oldest);
    const other = followPennies(entries, newest);
    let differences = 0;
    const paid = new Set([...truth.from.keys()]);
    expect(paid.size).toBeGreaterThan(30);
    for (const id of transfers) {
      const { branches } = await trace(id);
      const [from, to] = [seen(branches, 'from'), seen(branches, 'to')];
      if (paid.has(id)) {
        expect(from, id).toEqual(truth.from.get(id));
        if (JSON.stringify([...from]) !== JSON.stringify([...(other.from.get(id) ?? [])])) differences += 1;
      }
      const kept = truth.kept.get(id);
      expect(to, id).toEqual(
        new Map([...(truth.to.get(id) ?? []), ...(kept ? [['kept', kept] as const] : [])]),
      );
    }
    // The control: by the other rule, last in, first out, many would be otherwise.
    expect(differences).toBeGreaterThan(5);
  });

  test('goes from account to account, as far as is asked, and the parts of a branch are what hangs on it', async () => {
    const [alice, bob, carol, dave] = people as [Holder, Holder, Holder, Holder];
    await fund(harness, alice, '10.00');
    await fund(harness, bob, '1.00');
    const ids: string[] = [];
    for (const [from, to, amount] of [
      [alice, bob, '9.00'],
      [bob, carol, '8.00'],
      [carol, dave, '7.00'],
    ] as const) {
      harness.clock.advance(1_000);
      ids.push((await send(from, to.email, `${amount} EUR`)).id);
    }
    const lines = ({ branches }: Trace) =>
      branches.map(({ number, parent, side, is, amount, transfer, end }) =>
        [number, parent, side, is, say(amount), ids.indexOf(transfer?.id ?? ''), end ?? ''].join(' '),
      );
    expect(lines(await trace(ids[2] ?? '', { depth: 3 }))).toEqual([
      '1 0 from transfer 7.03 EUR 1 ',
      '2 0 to kept 7.00 EUR -1 ',
      // Bob's own euro went first.
      '3 1 from transfer 1.00 EUR -1 outside',
      '4 1 from transfer 6.03 EUR 0 ',
      '5 4 from transfer 6.03 EUR -1 outside',
    ]);
    expect(lines(await trace(ids[0] ?? '', { depth: 2, direction: 'to' }))).toEqual([
      '1 0 to transfer 7.03 EUR 1 ',
      '2 0 to kept 1.97 EUR -1 ',
      // Three cents of it were the fee.
      '3 1 to transfer 6.03 EUR 2 depth',
      '4 1 to kept 0.97 EUR -1 ',
    ]);
    const { branches } = await trace(ids[0] ?? '', { depth: 10, direction: 'to' });
    for (const branch of branches.filter(({ is, end }) => is === 'transfer' && end === undefined)) {
      const hanging = branches.filter(({ parent }) => parent === branch.number);
      const fee = branch.fee ? pennies({ amount: branch.fee }) : 0;
      expect(hanging.reduce((sum, each) => sum + pennies(each), fee)).toBe(pennies(branch));
    }
  });

  test('is bounded: many small transfers are told together', async () => {
    const [alice, bob] = people as [Holder, Holder];
    for (let at = 0; at < 20; at++) await fund(harness, alice, at < 4 ? '2.00' : '1.00');
    const { id } = await send(alice, bob.email, '20.00 EUR');
    const { branches } = await trace(id);
    const from = branches.filter(({ side }) => side === 'from');
    expect(from.filter(({ is }) => is === 'transfer')).toHaveLength(12);
    expect(from.at(-1)).toMatchObject({ is: 'others', count: 5 });
    expect(from.reduce((sum, each) => sum + pennies(each), 0)).toBe(2_003);
  });

  describe('a transfer', () => {
    test('is shown to staff with its entries, and numbers of bank accounts cut (ASVS V14.2.6)', async () => {
      const [alice] = people as [Holder];
      const id = await fund(harness, alice, '10.00');
      await harness.service.deps.engine.transact((tx) =>
        tx.run('UPDATE transfers SET details = ? WHERE id = ?', [
          JSON.stringify({
            counterparty: 'Al DE89 3704 0044 0532 0130 00',
            remittance: 'to NL91ABNA0417164300',
            reference: 'RF08SFZLSJGVWQKL',
          }),
          id,
        ]),
      );
      await harness.service.deps.engine.transact((tx) =>
        tx.run("UPDATE accounts SET name = 'clearing:DE02120300000000202051:EUR' WHERE kind = 'clearing'"),
      );
      const view = await sue.client.call('look-at-transfer', { transfer: id, reason: 'a report' });
      expect(view.entries).toEqual([
        {
          account: { name: 'Bank •••2051' },
          number: 1,
          amount: { amount: '-10.00', currency: 'EUR' },
          balanceBefore: { amount: '0.00', currency: 'EUR' },
          balanceAfter: { amount: '-10.00', currency: 'EUR' },
        },
        {
          account: { name: 'Alice Example', holder: alice.id },
          number: 1,
          amount: { amount: '10.00', currency: 'EUR' },
          balanceBefore: { amount: '0.00', currency: 'EUR' },
          balanceAfter: { amount: '10.00', currency: 'EUR' },
        },
      ]);
      expect(view.details).toEqual({
        counterparty: 'Al •••3000',
        remittance: 'to •••4300',
        reference: 'RF08SFZLSJGVWQKL',
      });
      expect(view.transfer.to.email).toBe('a•••@example.com');
      expect(JSON.stringify(await trace(id))).not.toMatch(/DE02120300000000202051/);
      await harness.service.deps.engine.transact((tx) =>
        tx.run("UPDATE accounts SET name = 'clearing:TEST:EUR' WHERE kind = 'clearing'"),
      );
    });

    test('that was looked at or traced is recorded for every holder who was seen', async () => {
      const [alice, bob, carol] = people as [Holder, Holder, Holder];
      await fund(harness, alice, '10.00');
      await send(alice, bob.email, '5.00 EUR');
      const { id } = await send(bob, carol.email, '4.00 EUR');
      await sue.client.call('look-at-transfer', { transfer: id, reason: 'a report' });
      await trace(id, { depth: 3 });
      const subjects = async (action: string) =>
        (
          await harness.service.deps.engine.all<{ subject: string; object: string }>(
            'SELECT subject, object FROM audit_log WHERE action = ?',
            [action],
          )
        ).map(({ subject, object }) => `${people.findIndex((each) => each.id === subject)} ${object}`);
      expect((await subjects('transfer-looked-at')).sort()).toEqual([`1 ${id}`, `2 ${id}`]);
      expect((await subjects('transfer-traced')).sort()).toEqual([`0 ${id}`, `1 ${id}`, `2 ${id}`]);
    });

    test('that is none is not found, and staff no longer read one without a reason', async () => {
      const [alice] = people as [Holder];
      const id = await fund(harness, alice, '10.00');
      const none = 'trf_00000000000000000000000000';
      await refusalOf(trace(none), 'not_found');
      await refusalOf(sue.client.call('look-at-transfer', { transfer: none, reason: 'x' }), 'not_found');
      await refusalOf(sue.client.call('get-transfer', { transfer: id }), 'not_found');
      await refusalOf(sue.client.call('explain', { id }), 'not_found');
      await refusalOf(trace(id, { reason: '' }), 'input_invalid');
      await refusalOf(trace(id, { depth: 11 }), 'input_invalid');
    });
  });
});
