import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { LIMITS } from '../../../src/core/contract/schemas.ts';
import { MAX_MINOR, formatMinor } from '../../../src/core/money.ts';
import { feeOn, type FeeRule } from '../../../src/service/ledger/fees.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  everything,
  fund,
  newKey,
  pay,
  person,
  quote,
  refusalOf,
  say,
} from '../money/wallet.ts';

const DAY_MS = 86_400_000;

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
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  /** Logged in anew each time: staff sessions do not outlast a clock that is moved by days. */
  const set = async (rule: Partial<Input<'set-fee'>> = {}): Promise<Output<'set-fee'>> => {
    const { client } = await person(harness, `admin${newKey()}`, 'admin');
    return client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, ...rule });
  };
  const priced = async (amount: string, feeFrom?: 'sender' | 'recipient') => {
    const { youPay, fee, theyGet } = await quote(alice, bob.email, amount, feeFrom);
    return [say(youPay), say(fee), say(theyGet)];
  };
  const inDays = (days: number) => new Date(harness.clock.now() + days * DAY_MS).toISOString();

  test('payments between people are free until the operator says otherwise', async () => {
    expect(await priced('10 EUR')).toEqual(['10.00 EUR', '0.00 EUR', '10.00 EUR']);
    expect(await priced('10 EUR', 'recipient')).toEqual(['10.00 EUR', '0.00 EUR', '10.00 EUR']);
    const { fees } = await alice.client.call('list-fees', { currency: 'eur' });
    expect(fees.map(({ id, kind, basisPoints }) => [id, kind, basisPoints])).toEqual([
      ['default', 'transfer', 0],
      ['default', 'conversion', 0],
      ['default', 'merchant', 140],
      ['default', 'withdrawal', 50],
    ]);
  });

  test('the fee comes on top of the amount, or out of it, and goes to the fees', async () => {
    await set({ basisPoints: 150, fixed: '0.25' });
    expect(await priced('10 EUR', 'sender')).toEqual(['10.40 EUR', '0.40 EUR', '10.00 EUR']);
    expect(await priced('10 EUR', 'recipient')).toEqual(['10.00 EUR', '0.40 EUR', '9.60 EUR']);
    await pay(alice, await quote(alice, bob.email, '10 EUR'));
    await pay(alice, await quote(alice, bob.email, '10 EUR', 'recipient'));
    expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['979.60 EUR', '19.60 EUR']);
    const { engine: db } = harness.service.deps;
    const fees = await db.one<{ balance: bigint }>("SELECT balance FROM accounts WHERE name = 'fees:EUR'");
    expect(fees?.balance).toBe(80n);
  });

  test('a minimum and a maximum hold', async () => {
    await set({ basisPoints: 100, minimum: '0.50', maximum: '2.00' });
    expect((await priced('1 EUR'))[1]).toBe('0.50 EUR');
    expect((await priced('50 EUR'))[1]).toBe('0.50 EUR');
    expect((await priced('50.50 EUR'))[1]).toBe('0.51 EUR');
    expect((await priced('199.99 EUR'))[1]).toBe('2.00 EUR');
    expect((await priced('1000000 EUR'))[1]).toBe('2.00 EUR');
    await set({ basisPoints: 100, minimum: '0', maximum: '0' });
    expect((await priced('10 EUR'))[1]).toBe('0.00 EUR');
  });

  test('percentages are rounded half up to the minor unit of the currency', async () => {
    await set({ basisPoints: 50 });
    expect((await priced('0.99 EUR'))[1]).toBe('0.00 EUR');
    expect((await priced('1.00 EUR'))[1]).toBe('0.01 EUR');
    expect((await priced('2.99 EUR'))[1]).toBe('0.01 EUR');
    expect((await priced('3.00 EUR'))[1]).toBe('0.02 EUR');
    await set({ currency: 'JPY', basisPoints: 50 });
    expect((await priced('99 JPY'))[1]).toBe('0 JPY');
    expect((await priced('100 JPY'))[1]).toBe('1 JPY');
    await set({ currency: 'CLF', basisPoints: 50 });
    expect((await priced('0.0100 CLF'))[1]).toBe('0.0001 CLF');
  });

  test('a fee that leaves the recipient nothing is refused, one minor unit less is not', async () => {
    await set({ fixed: '2.00' });
    const refused = await refusalOf(quote(alice, bob.email, '2 EUR', 'recipient'), 'fee_exceeds_amount');
    expect([refused.status, refused.exitCode, refused.facts]).toEqual([
      422,
      3,
      { fee: '2.00 EUR', amount: '2.00 EUR' },
    ]);
    await refusalOf(quote(alice, bob.email, '0.01 EUR', 'recipient'), 'fee_exceeds_amount');
    expect(await priced('2.01 EUR', 'recipient')).toEqual(['2.01 EUR', '2.00 EUR', '0.01 EUR']);
    expect(await priced('0.01 EUR', 'sender')).toEqual(['2.01 EUR', '2.00 EUR', '0.01 EUR']);
  });

  describe('a schedule', () => {
    test('that is announced touches nothing before its day, and everything from its first instant', async () => {
      const before = await quote(alice, bob.email, '10 EUR');
      const day = inDays(1);
      const rule = await set({ fixed: '1.00', effectiveFrom: day });
      expect(rule).toMatchObject({ effectiveFrom: day, fixed: { amount: '1.00', currency: 'EUR' } });
      expect(await priced('10 EUR')).toEqual(['10.00 EUR', '0.00 EUR', '10.00 EUR']);
      const { fees } = await alice.client.call('list-fees', { kind: 'transfer', currency: 'EUR' });
      expect(fees.map(({ id, effectiveFrom }) => [id, effectiveFrom])).toEqual([
        ['default', '1970-01-01T00:00:00.000Z'],
        [rule.id, day],
      ]);
      harness.clock.advance(DAY_MS - 1);
      const last = await quote(alice, bob.email, '10 EUR');
      expect(say(last.fee)).toBe('0.00 EUR');
      harness.clock.advance(1);
      expect(await priced('10 EUR')).toEqual(['11.00 EUR', '1.00 EUR', '10.00 EUR']);
      // The quote of a moment ago still binds, that of yesterday is over.
      expect(say((await pay(alice, last)).fee)).toBe('0.00 EUR');
      await refusalOf(pay(alice, before), 'quote_expired');
    });

    test('has so many announced versions of a rule at most', async () => {
      for (let day = 1; day <= LIMITS.announcedFees; day++) await set({ effectiveFrom: inDays(day) });
      const refused = await refusalOf(set({ effectiveFrom: inDays(1) }), 'limit_reached');
      expect(refused.message).toBe(
        'There are 20 announced versions of the fees for transfer in EUR already, and no more than that.',
      );
      await set({ kind: 'merchant', effectiveFrom: inDays(1) });
      await set({ currency: 'JPY', effectiveFrom: inDays(1) });
      await set({ fixed: '1.00' });
      harness.clock.advance(DAY_MS);
      await set({ effectiveFrom: inDays(1) });
    });

    test('that changes after a quote leaves the quote as it is', async () => {
      await set({ basisPoints: 100 });
      const bound = await quote(alice, bob.email, '10 EUR');
      await set({ basisPoints: 1_000 });
      expect(await alice.client.call('get-quote', { quote: bound.id })).toEqual(bound);
      const paid = await pay(alice, bound);
      expect([paid.paid, paid.fee, paid.received].map(say)).toEqual(['10.10 EUR', '0.10 EUR', '10.00 EUR']);
      expect((await priced('10 EUR'))[1]).toBe('1.00 EUR');
    });

    test('takes the newest version that is in force, and of one instant the one added last', async () => {
      await set({ fixed: '1.00' });
      await set({ fixed: '2.00' });
      expect((await priced('10 EUR'))[1]).toBe('2.00 EUR');
      await set({ fixed: '5.00', effectiveFrom: inDays(2) });
      await set({ fixed: '4.00', effectiveFrom: inDays(1) });
      await set({ fixed: '6.00', effectiveFrom: inDays(2) });
      const listed = async () =>
        (await alice.client.call('list-fees', { kind: 'transfer' })).fees.map(({ fixed }) => fixed.amount);
      // What was replaced before it ever was in force is not told as coming.
      expect(await listed()).toEqual(['2.00', '4.00', '6.00']);
      harness.clock.advance(DAY_MS);
      expect((await priced('10 EUR'))[1]).toBe('4.00 EUR');
      harness.clock.advance(DAY_MS);
      expect((await priced('10 EUR'))[1]).toBe('6.00 EUR');
      expect(await listed()).toEqual(['6.00']);
    });

    test('is per kind and currency', async () => {
      await set({ fixed: '1.00' });
      await set({ kind: 'merchant', fixed: '3.00' });
      await set({ currency: 'usd', fixed: '2.00' });
      expect((await priced('10 EUR'))[1]).toBe('1.00 EUR');
      expect((await priced('10 USD'))[1]).toBe('2.00 USD');
      expect((await priced('10 GBP'))[1]).toBe('0.00 GBP');
      const { fees } = await alice.client.call('list-fees', {});
      expect(new Set(fees.map(({ currency }) => currency))).toEqual(new Set(['EUR', 'USD']));
      await refusalOf(alice.client.call('list-fees', { currency: 'DEM' }), 'currency_unknown');
    });

    test('in an offset means the instant it names', async () => {
      const rule = await set({ fixed: '1.00', effectiveFrom: '2026-03-02T12:00:00+02:00' });
      expect(rule.effectiveFrom).toBe('2026-03-02T10:00:00.000Z');
    });
  });

  test('rules that make no sense are refused and leave no trace', async () => {
    const before = await everything(harness);
    const { client } = await person(harness, `admin${newKey()}`, 'admin');
    const rule = { kind: 'transfer', currency: 'EUR', basisPoints: 0 } as const;
    const bad: [string, Partial<Input<'set-fee'>>][] = [
      ['input_invalid', { effectiveFrom: new Date(harness.clock.now() - 1).toISOString() }],
      ['input_invalid', { effectiveFrom: 'tomorrow' }],
      ['input_invalid', { minimum: '2.00', maximum: '1.99' }],
      ['input_invalid', { basisPoints: -1 }],
      ['input_invalid', { basisPoints: 10_001 }],
      ['input_invalid', { basisPoints: 0.5 }],
      ['input_invalid', { kind: 'gift' as 'transfer' }],
      ['input_invalid', { fixed: '' }],
      ['amount_invalid', { fixed: '-1' }],
      ['amount_invalid', { fixed: '0.001' }],
      ['amount_invalid', { minimum: '1e3' }],
      ['amount_invalid', { maximum: String(2n ** 63n) }],
      ['currency_unknown', { currency: 'XAU' }],
    ];
    for (const [code, part] of bad) {
      const refused = await refusalOf(client.call('set-fee', { ...rule, ...part }));
      expect(refused.code, JSON.stringify(part)).toBe(code);
    }
    const after = await everything(harness);
    expect({ ...after, users: [] }).toEqual({ ...before, users: [] });
  });

  test('only an administrator sets fees', async () => {
    const rule = { kind: 'transfer', currency: 'EUR', basisPoints: 0 } as const;
    for (const who of [
      alice,
      await person(harness, `support${newKey()}`, 'support'),
      await person(harness, `senior${newKey()}`, 'senior'),
    ]) {
      const refused = await refusalOf(who.client.call('set-fee', rule), 'role_insufficient');
      expect(refused.facts).toEqual({ role: 'admin' });
    }
    await refusalOf(harness.client().call('set-fee', rule), 'session_required');
  });

  const amounts = fc.oneof(
    fc.bigInt({ min: 1n, max: 200n }),
    fc.bigInt({ min: 1n, max: 10_000_000n }),
    fc.bigInt({ min: 1n, max: MAX_MINOR }),
  );
  const rules: fc.Arbitrary<FeeRule> = fc
    .record({
      basisPoints: fc.oneof(fc.bigInt({ min: 0n, max: 10_000n }), fc.bigInt({ min: 0n, max: 300n })),
      fixed: fc.bigInt({ min: 0n, max: 500n }),
      minimum: fc.bigInt({ min: 0n, max: 500n }),
      more: fc.option(fc.bigInt({ min: 0n, max: 100_000n })),
    })
    .map(({ more, ...rule }) => ({
      ...rule,
      id: 'fee',
      kind: 'transfer',
      currency: 'EUR',
      maximum: more === null ? null : rule.minimum + more,
      effectiveFrom: '',
    }));

  test('property: a fee is the exact percentage, rounded half up, within its bounds', () => {
    fc.assert(
      fc.property(amounts, rules, (amount, rule) => {
        const fee = feeOn(amount, rule);
        // The percentage lies within half a minor unit of the exact one, and never half a unit below it.
        const plain = feeOn(amount, { ...rule, fixed: 0n, minimum: 0n, maximum: null });
        const errorTimes10000 = plain * 10_000n - amount * rule.basisPoints;
        expect(errorTimes10000 > -5_000n && errorTimes10000 <= 5_000n).toBe(true);
        expect(fee >= 0n).toBe(true);
        if (rule.maximum === null) expect(fee >= rule.minimum).toBe(true);
        else expect(fee <= rule.maximum && fee >= rule.minimum).toBe(true);
        expect(feeOn(amount + 1n, rule) >= fee).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('property: paid is received and fee, and what was quoted is what moves, to the last minor unit', async () => {
    await fund(harness, alice, '100000000');
    await fc.assert(
      fc.asyncProperty(
        fc.bigInt({ min: 1n, max: 10_000_000n }),
        rules,
        fc.constantFrom('sender' as const, 'recipient' as const),
        async (minor, rule, feeFrom) => {
          const amount = formatMinor(minor, 'EUR');
          await set({
            basisPoints: Number(rule.basisPoints),
            fixed: formatMinor(rule.fixed, 'EUR'),
            minimum: formatMinor(rule.minimum, 'EUR'),
            ...(rule.maximum === null ? {} : { maximum: formatMinor(rule.maximum, 'EUR') }),
          });
          const fee = feeOn(minor, rule);
          if (feeFrom === 'recipient' && fee >= minor) {
            await refusalOf(quote(alice, bob.email, `${amount} EUR`, feeFrom), 'fee_exceeds_amount');
            return;
          }
          const bound = await quote(alice, bob.email, `${amount} EUR`, feeFrom);
          const figures = [bound.youPay, bound.fee, bound.theyGet].map(({ amount: text }) => cents(text));
          expect(figures).toEqual(
            feeFrom === 'sender' ? [minor + fee, fee, minor] : [minor, fee, minor - fee],
          );
          const before = await Promise.all([alice, bob].map((who) => balanceOf(who)));
          const paid = await pay(alice, bound);
          expect([paid.paid, paid.fee, paid.received].map(({ amount: text }) => cents(text))).toEqual(
            figures,
          );
          const after = await Promise.all([alice, bob].map((who) => balanceOf(who)));
          const [left, came] = after.map((text, at) => cents(text) - cents(before[at] ?? ''));
          expect([left, came]).toEqual([-(figures[0] ?? 0n), figures[2]]);
        },
      ),
      { numRuns: 40 },
    );
  });
});

function cents(text: string): bigint {
  const [amount = '0'] = text.split(' ');
  const [whole = '', fraction = ''] = amount.split('.');
  return BigInt(whole + fraction.padEnd(2, '0'));
}
