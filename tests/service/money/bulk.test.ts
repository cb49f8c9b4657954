import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { LIMITS } from '../../../src/core/contract/schemas.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { balanceOf, everything, fund, money, newKey, pay, performWith, quote, refusalOf } from './wallet.ts';

type Row = Input<'create-transfers'>['transfers'][number];
type Result = Output<'create-transfers'>['results'][number];

eachEngine((engine) => {
  let harness: Harness;
  let [alice, bob, carol]: Holder[] = [];
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, carol] = await Promise.all(['alice', 'bob', 'carol'].map((name) => harness.holder(name)));
    await fund(harness, alice!, '100.00');
  });
  afterEach(async () => {
    await harness.audit();
    await harness.close();
  });

  const payMany = async (transfers: unknown[], from = alice!): Promise<Result[]> =>
    (await from.client.call('create-transfers', { transfers: transfers as Row[] })).results;
  const row = (amount = '1.00 EUR', more: object = {}) => ({
    key: newKey(),
    to: 'bob@example.com',
    amount: money(amount),
    ...more,
  });
  const says = ({ state, problem }: Result) => (problem ? `${state}: ${problem.code}` : state);
  const fieldsOf = (results: Result[]) => results.map(({ problem }) => problem?.facts['field']);

  describe('a list of transfers', () => {
    it('pays every row, in order, and says the same as each alone would', async () => {
      await harness
        .staff()
        .then(({ client }) =>
          client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 100, fixed: '0.10' }),
        );
      await alice!.client.call('create-payee', { name: 'Caro', to: 'carol@example.com' });
      const priced = await quote(alice!, 'carol@example.com', '5.00 EUR');
      const rows = [
        row('10.00 EUR', { note: 'one' }),
        { key: newKey(), quote: priced.id, note: 'two' },
        row('10.00 EUR', { to: bob!.id, feeFrom: 'recipient' }),
        row('1.00 EUR', { to: 'caro', maximumFee: '0.11' }),
      ];
      const results = await payMany(rows);
      expect(results.map(says)).toEqual(['done', 'done', 'done', 'done']);
      expect(results.map(({ key }) => key)).toEqual(rows.map(({ key }) => key));
      const [one, two, three, four] = results.map(({ transfer }) => transfer!);
      expect(one).toMatchObject({
        state: 'done',
        direction: 'out',
        from: { id: alice!.id, name: alice!.displayName, email: alice!.email },
        to: { id: bob!.id },
        paid: money('10.20 EUR'),
        fee: money('0.20 EUR'),
        received: money('10.00 EUR'),
        balanceAfter: money('89.80 EUR'),
        note: 'one',
      });
      expect(one).not.toHaveProperty('quote');
      expect(two).toMatchObject({
        to: { id: carol!.id },
        quote: priced.id,
        paid: priced.youPay,
        fee: priced.fee,
        received: priced.theyGet,
      });
      expect(three).toMatchObject({
        paid: money('10.00 EUR'),
        fee: money('0.20 EUR'),
        received: money('9.80 EUR'),
      });
      expect(four).toMatchObject({
        to: { id: carol!.id },
        fee: money('0.11 EUR'),
        balanceAfter: money('73.54 EUR'),
      });
      // What is answered from what was written is what is read back.
      for (const { transfer } of results)
        expect(await alice!.client.call('get-transfer', { transfer: transfer!.id })).toEqual(transfer);
      expect(await payMany(rows)).toEqual(results);
      expect(await balanceOf(alice!)).toBe('73.54 EUR');
      expect(await balanceOf(bob!)).toBe('19.80 EUR');
    });

    it('refuses what is wrong with a row and leaves its neighbours alone', async () => {
      const expired = await quote(alice!, 'bob@example.com', '1.00 EUR');
      harness.clock.advance(301_000);
      const used = await quote(alice!, 'bob@example.com', '1.00 EUR');
      await pay(alice!, used);
      const foreign = await quote(bob!, 'carol@example.com', '1.00 EUR');
      const rows: [string, object][] = [
        ['done', row()],
        ['refused: recipient_unknown', row('1.00 EUR', { to: 'nobody@example.com' })],
        ['refused: email_invalid', row('1.00 EUR', { to: 'a b@example.com' })],
        ['refused: recipient_is_self', row('1.00 EUR', { to: 'ALICE@example.com' })],
        ['refused: amount_invalid', row('1.001 EUR')],
        ['refused: amount_invalid', row('0 EUR')],
        ['refused: currency_unknown', row('1.00 XXX')],
        ['refused: insufficient_funds', row('1000.00 EUR')],
        ['refused: insufficient_funds', row('1 USD')],
        ['refused: quote_used', { key: newKey(), quote: used.id }],
        ['refused: quote_expired', { key: newKey(), quote: expired.id }],
        ['refused: not_found', { key: newKey(), quote: foreign.id }],
        ['refused: not_found', { key: newKey(), quote: 'quo_00000000000000000000000000' }],
        ['done', row('2.00 EUR')],
      ];
      const results = await payMany(rows.map(([, each]) => each));
      expect(results.map(says)).toEqual(rows.map(([end]) => end));
      expect(await balanceOf(bob!)).toBe('4.00 EUR');
      const decided = results.filter(({ problem }) => problem?.instance !== undefined);
      expect(decided.map(({ problem }) => problem!.code)).toEqual([
        'insufficient_funds',
        'insufficient_funds',
        'quote_used',
        'quote_expired',
      ]);
      for (const { problem } of decided) {
        const why = await alice!.client.call('explain', { id: problem!.instance! });
        expect(why.state).toBe('refused');
      }
    });

    it('refuses a row that is not written right alone, and names its key where it has one', async () => {
      const long = 'x'.repeat(LIMITS.noteLength + 1);
      const rows = [
        row(),
        row('1.00 EUR', { note: long }),
        row('1.00 EUR', { note: 'a\0b' }),
        row('1.00 EUR', { amount: 1 }),
        row('1.00 EUR', { amount: { amount: 1, currency: 'EUR' } }),
        row('1.00 EUR', { fee: '0' }),
        row('1.00 EUR', { quote: 'quo_00000000000000000000000000' }),
        row('1.00 EUR', { key: '' }),
        row('1.00 EUR', { key: 'ä' }),
        row('1.00 EUR', { dryRun: true }),
        { key: 'alone' },
        { to: 'bob@example.com', amount: money('1.00 EUR') },
        null,
        'x',
        [],
        row(),
      ];
      const results = await payMany(rows);
      expect(results.map(says)).toEqual(
        rows.map((_, at) => (at === 0 || at === rows.length - 1 ? 'done' : 'refused: input_invalid')),
      );
      expect(fieldsOf(results).slice(1, -1)).toEqual([
        'note',
        'note',
        'amount',
        'amount.amount',
        'fee',
        expect.any(String),
        'key',
        'key',
        'dryRun',
        'quote',
        'key',
        'input',
        'input',
        'input',
      ]);
      expect(results.map(({ key }) => key)).toEqual(
        rows.map((each) => {
          const key = (each as { key?: string } | null)?.key;
          return key === undefined || key === '' || key === 'ä' ? undefined : key;
        }),
      );
      expect(await balanceOf(bob!)).toBe('2.00 EUR');
    });

    it('is from 1 to 1,000 rows, for holders only', async () => {
      const before = await everything(harness);
      await refusalOf(payMany([]), 'input_invalid');
      const tooMany = await refusalOf(payMany(Array.from({ length: 1_001 }, () => row())), 'input_invalid');
      expect(tooMany.facts).toEqual({ field: 'transfers', reason: 'takes at most 1000 rows' });
      await refusalOf(harness.call('create-transfers', { transfers: [row()] }), 'session_required');
      expect(await everything(harness)).toEqual(before);
      const results = await payMany(Array.from({ length: 1_000 }, () => row('0.01 EUR')));
      expect(new Set(results.map(says))).toEqual(new Set(['done']));
      expect(await balanceOf(alice!)).toBe('90.00 EUR');
    });

    it('spends no more than there is, in the order of the rows', async () => {
      const results = await payMany(
        ['60.00 EUR', '60.00 EUR', '40.00 EUR', '0.01 EUR'].map((each) => row(each)),
      );
      expect(results.map(says)).toEqual([
        'done',
        'refused: insufficient_funds',
        'done',
        'refused: insufficient_funds',
      ]);
      expect(results[1]!.problem!.facts).toEqual({ needed: '60.00 EUR', available: '40.00 EUR' });
      expect(await balanceOf(alice!)).toBe('0.00 EUR');
    });

    it('is bound by the most a row will pay for its fee', async () => {
      await harness
        .staff()
        .then(({ client }) =>
          client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.50' }),
        );
      const results = await payMany([
        row('1.00 EUR', { maximumFee: '0.49' }),
        row('1.00 EUR', { maximumFee: '0.50' }),
        row('0.50 EUR', { feeFrom: 'recipient' }),
      ]);
      expect(results.map(says)).toEqual([
        'refused: fee_above_maximum',
        'done',
        'refused: fee_exceeds_amount',
      ]);
      expect(results[0]!.problem!.facts).toEqual({ fee: '0.50 EUR', maximum: '0.49 EUR' });
    });
  });

  describe('a key of a row', () => {
    it('pays once, in the same list, in another one, and alone', async () => {
      const twice = row('3.00 EUR', { note: 'x' });
      const { key, ...alone } = twice;
      const [first, second] = await payMany([twice, twice]);
      expect([first, second].map((each) => says(each!))).toEqual(['done', 'done']);
      expect(second).toEqual(first);
      expect((await payMany([twice]))[0]).toEqual(first);
      expect(await alice!.client.call('create-transfer', alone, { key })).toEqual(first!.transfer);
      const single = await alice!.client.call('create-transfer', alone, { key: 'the-other-way' });
      expect((await payMany([{ ...twice, key: 'the-other-way' }]))[0]!.transfer).toEqual(single);
      expect(await balanceOf(bob!)).toBe('6.00 EUR');
    });

    it('says which field differs when it comes again for something else', async () => {
      const first = row('3.00 EUR', { note: 'x', maximumFee: '1', feeFrom: 'sender' });
      const { key } = first;
      const priced = await quote(alice!, 'bob@example.com', '3.00 EUR');
      const others: [string, object][] = [
        ['to', { ...first, to: 'carol@example.com' }],
        ['to', { ...first, to: 'nobody@example.com' }],
        ['to', { ...first, to: 'a b@example.com' }],
        ['amount', { ...first, amount: money('3.01 EUR') }],
        ['amount', { ...first, amount: money('3.001 EUR') }],
        ['currency', { ...first, amount: money('3.00 USD') }],
        ['note', { ...first, note: 'y' }],
        ['maximumFee', { ...first, maximumFee: '2' }],
        ['feeFrom', { ...first, feeFrom: 'recipient' }],
        ['quote', { key, quote: priced.id, note: 'x', maximumFee: '1' }],
        ['quote', { key, quote: 'quo_00000000000000000000000000', note: 'x', maximumFee: '1' }],
      ];
      const together = await payMany([first, ...others.map(([, each]) => each)]);
      const mismatches = others.map(() => 'refused: idempotency_mismatch');
      expect(together.map(says)).toEqual(['done', ...mismatches]);
      expect(fieldsOf(together.slice(1))).toEqual(others.map(([field]) => field));
      const later = await payMany(others.map(([, each]) => each));
      expect(later.map(says)).toEqual(mismatches);
      expect(fieldsOf(later)).toEqual(others.map(([field]) => field));
      expect(await balanceOf(bob!)).toBe('3.00 EUR');
    });

    it('is not used up by a row that was turned away before anything was decided', async () => {
      const key = newKey();
      const [first, second] = await payMany([
        row('1.00 EUR', { key, to: 'nobody@example.com' }),
        row('1.00 EUR', { key }),
      ]);
      expect([says(first!), says(second!)]).toEqual(['refused: recipient_unknown', 'done']);
    });

    it('keeps a refusal for ever, and a key that was given up pays nothing', async () => {
      const poor = row('1000.00 EUR');
      const given = row();
      await alice!.client.call('abandon-intent', { key: given.key });
      const results = await payMany([poor, given]);
      expect(results.map(says)).toEqual(['refused: insufficient_funds', 'refused: intent_abandoned']);
      await fund(harness, alice!, '2000.00');
      expect(await payMany([poor, given])).toEqual(results);
      const intent = await alice!.client.call('get-intent', { key: poor.key });
      expect(intent).toMatchObject({ state: 'refused', problem: results[0]!.problem });
    });

    it('is each holder’s own', async () => {
      await fund(harness, bob!, '10.00');
      const key = newKey();
      const mine = await payMany([row('1.00 EUR', { key })]);
      const theirs = await payMany([row('2.00 EUR', { key, to: 'alice@example.com' })], bob);
      expect([mine, theirs].map(([each]) => says(each!))).toEqual(['done', 'done']);
    });

    it('pays once when many lists with it are on their way together', async () => {
      const rows = Array.from({ length: 20 }, () => row('0.10 EUR'));
      const all = await Promise.all(Array.from({ length: 10 }, () => payMany(rows)));
      for (const results of all) expect(results).toEqual(all[0]);
      expect(await balanceOf(bob!)).toBe('2.00 EUR');
    });
  });

  describe('what is not decided', () => {
    it('is said of the rows it is true of, and their keys settle it', async () => {
      const { poster } = harness.service.deps;
      let calls = 0;
      const perform = performWith(harness, {
        poster: {
          ...poster,
          post: async (intent) => {
            calls += 1;
            if (calls === 2) throw new Refusal('busy');
            const outcome = await poster.post(intent);
            if (calls >= 3 && intent.entries[1]?.amount === 3_00n) throw new Refusal('outcome_unknown');
            return outcome;
          },
        },
      });
      const transfers = ['1.00 EUR', '2.00 EUR', '3.00 EUR'].map((each) => row(each));
      const input = { transfers };
      const { results } = (await perform(alice!, {
        operation: 'create-transfers',
        input,
      })) as Output<'create-transfers'>;
      expect(results.map(says)).toEqual(['done', 'undecided: busy', 'undecided: outcome_unknown']);
      expect(await balanceOf(bob!)).toBe('4.00 EUR');
      const again = await payMany(transfers);
      expect(again.map(says)).toEqual(['done', 'done', 'done']);
      expect(again[0]).toEqual(results[0]);
      expect(await balanceOf(bob!)).toBe('6.00 EUR');
    });

    it('is said of a payment of before that cannot be read now, not of those that were paid beside it', async () => {
      const [before, fresh] = [row('1.00 EUR'), row('2.00 EUR')];
      await payMany([before]);
      const { engine: whole, poster } = harness.service.deps;
      let isGone = false;
      const perform = performWith(harness, {
        engine: {
          ...whole,
          all: async (sql, values) => {
            if (isGone) throw new Refusal('service_stopping');
            return whole.all(sql, values);
          },
        },
        poster: { ...poster, post: (intent) => poster.post(intent).finally(() => (isGone = true)) },
      });
      const input = { transfers: [before, fresh] };
      const { results } = (await perform(alice!, {
        operation: 'create-transfers',
        input,
      })) as Output<'create-transfers'>;
      expect(results.map(says)).toEqual(['undecided: service_stopping', 'done']);
      expect((await payMany([before, fresh])).map(says)).toEqual(['done', 'done']);
      expect(await balanceOf(bob!)).toBe('3.00 EUR');
    });
  });

  describe('one transfer without a quote', () => {
    const direct = (amount: string, more: object = {}) => ({
      to: 'bob@example.com',
      amount: money(amount),
      ...more,
    });

    it('is paid at the fee of the moment and can be asked about', async () => {
      const done = await alice!.client.call('create-transfer', direct('2.00 EUR'), { key: 'direct-1' });
      expect(done).toMatchObject({
        state: 'done',
        paid: money('2.00 EUR'),
        balanceAfter: money('98.00 EUR'),
      });
      expect(await alice!.client.call('get-transfer', { transfer: done.id })).toEqual(done);
      const { because } = await alice!.client.call('explain', { id: done.id });
      expect(because.join(' ')).toContain('without a quote');
      expect(await alice!.client.call('create-transfer', direct('2.00 EUR'), { key: 'direct-1' })).toEqual(
        done,
      );
    });

    it('writes nothing when it is only tried', async () => {
      const before = await everything(harness);
      const tried = await alice!.client.call('create-transfer', direct('2.00 EUR', { dryRun: true }), {
        key: 'dry',
      });
      expect(tried).toMatchObject({ state: 'dry_run', received: money('2.00 EUR') });
      expect(tried).not.toHaveProperty('balanceAfter');
      expect(await everything(harness)).toEqual(before);
    });

    it('is refused for what is wrong with it', async () => {
      const refuse = async (input: object) =>
        refusalOf(
          alice!.client.call('create-transfer', input as Input<'create-transfer'>, { key: newKey() }),
        );
      expect((await refuse(direct('2.00 EUR', { to: 'nobody@example.com' }))).code).toBe('recipient_unknown');
      expect((await refuse(direct('2.00 EUR', { to: 'alice@example.com' }))).code).toBe('recipient_is_self');
      expect((await refuse(direct('200.00 EUR'))).code).toBe('insufficient_funds');
      expect((await refuse(direct('2.00 EUR', { quote: 'quo_1' }))).code).toBe('input_invalid');
      expect((await refuse({ to: 'bob@example.com' })).facts).toMatchObject({ field: 'amount' });
      expect((await refuse({})).facts).toMatchObject({ field: 'quote' });
    });
  });
});
