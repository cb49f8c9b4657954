import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { digitsOf, type Currency } from '../../../src/core/money.ts';
import { defaultFeeRule, type FeeRule } from '../../../src/service/ledger/fees.ts';
import { price, type Price, type Wanted } from '../../../src/service/payments/price.ts';
import { pairOf, type Exchange } from '../../../src/service/rates-of-exchange/exchange.ts';
import {
  decimalOf,
  divide,
  fraction,
  fractionOfDecimal,
  multiply,
  readFraction,
  writeFraction,
  type Fraction,
} from '../../../src/service/rates-of-exchange/fraction.ts';
import { isNear } from '../../../src/service/rates-of-exchange/trust.ts';

const CURRENCIES: readonly Currency[] = ['EUR', 'USD', 'JPY', 'KWD', 'CLF', 'IDR'];
const AT = '2026-03-02T09:00:00.000Z';

/** What one euro is worth in each currency: up to twelve digits before the point and ten after it. */
const worths = fc
  .tuple(
    ...CURRENCIES.slice(1).map(() => fc.tuple(fc.bigInt(1n, 10n ** 12n), fc.integer({ min: 0, max: 10 }))),
  )
  .map(
    (rates) =>
      new Map<Currency, Fraction>([
        ['EUR', fraction(1n, 1n)],
        ...rates.map(([units, scale], at): [Currency, Fraction] => [
          CURRENCIES[at + 1] ?? 'EUR',
          fraction(units, 10n ** BigInt(scale)),
        ]),
      ]),
  );
const currency = fc.constantFrom(...CURRENCIES);
const amount = fc.oneof(fc.bigInt(1n, 200n), fc.bigInt(1n, 10n ** 12n));
const feeFrom = fc.constantFrom('sender' as const, 'recipient' as const);
const spread = fc.bigInt(0n, 5_000n);
const feeRule = fc.record({ basisPoints: fc.bigInt(0n, 10_000n), fixed: fc.bigInt(0n, 50n) });

function exchangeOf(
  worth: ReadonlyMap<Currency, Fraction>,
  from: Currency,
  to: Currency,
  kept: bigint,
): Exchange {
  const [a, b] = [worth.get(from), worth.get(to)];
  if (!a || !b) throw new Error('every currency has a rate');
  return { rate: divide(b, a), spread: kept, source: 'test', at: AT };
}

/** The price, or undefined where there is none: what would be nothing, or more than there can be. */
function priced(
  wanted: Wanted,
  rules: readonly FeeRule[],
  exchange: Exchange | undefined,
): Price | undefined {
  try {
    return price(wanted, rules, exchange);
  } catch (error) {
    if (error instanceof Refusal && ['amount_invalid', 'fee_exceeds_amount'].includes(error.code))
      return undefined;
    throw error;
  }
}

/** A fraction of minor units. */
function minorRate(rate: Fraction, from: Currency, to: Currency, kept: bigint): Fraction {
  const digits = fraction(10n ** BigInt(digitsOf(to)), 10n ** BigInt(digitsOf(from)));
  return kept === 10_000n ? rate : multiply(multiply(rate, digits), fraction(10_000n - kept, 10_000n));
}

describe('a price between two currencies', () => {
  test('is exact but for less than one minor unit, which stays here', () => {
    fc.assert(
      fc.property(
        worths,
        currency,
        currency,
        amount,
        feeFrom,
        spread,
        feeRule,
        (worth, from, to, minor, whose, kept, rule) => {
          fc.pre(from !== to);
          const exchange = exchangeOf(worth, from, to, kept);
          const wanted = { minor, feeFrom: whose, currency: from, receiveCurrency: to };
          const found = priced(wanted, [{ ...defaultFeeRule('conversion', from), ...rule }], exchange);
          if (!found) return;
          const { paid, fee, received, fees } = found;
          expect(fees.reduce((sum, each) => sum + each.minor, 0n)).toBe(fee);
          expect(whose === 'sender' ? received : paid).toBe(minor);
          const { numerator, denominator } = minorRate(exchange.rate, from, to, kept);
          const given = (paid - fee) * numerator;
          // Never more than it is worth; and with one minor unit less to pay, or one more to get, it would be.
          expect(received * denominator).toBeLessThanOrEqual(given);
          if (whose === 'sender') expect(received * denominator).toBeGreaterThan(given - numerator);
          else expect((received + 1n) * denominator).toBeGreaterThan(given);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('never gains on any way round: through any currencies, with either side fixed, without fees or spread', () => {
    fc.assert(
      fc.property(
        worths,
        currency,
        fc.array(fc.tuple(currency, feeFrom), { minLength: 1, maxLength: 5 }),
        amount,
        (worth, start, way, minor) => {
          let [at, have] = [start, minor];
          for (const [to, whose] of [...way, [start, 'recipient'] as const]) {
            if (to === at) continue;
            const exchange = exchangeOf(worth, at, to, 0n);
            const whole = { minor: have, feeFrom: 'recipient', currency: at, receiveCurrency: to } as const;
            const most = priced(whole, [], exchange);
            if (!most) return;
            // What is fixed instead is what would arrive: it costs no more than all there is.
            const got =
              whose === 'recipient'
                ? most
                : price({ ...whole, minor: most.received, feeFrom: whose }, [], exchange);
            expect(got.paid).toBeLessThanOrEqual(have);
            [at, have] = [to, got.received];
          }
          if (at === start) expect(have).toBeLessThanOrEqual(minor);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('would gain if it were rounded the other way (the control)', () => {
    // 1 JPY is worth 0.625 cents: rounded up it would be a cent, which is worth 1.6 JPY.
    const worth = new Map([
      ['EUR', fraction(1n, 1n)],
      ['JPY', fraction(160n, 1n)],
    ] as const) as ReadonlyMap<Currency, Fraction>;
    const up = price(
      { minor: 1n, feeFrom: 'sender', currency: 'JPY', receiveCurrency: 'EUR' },
      [],
      exchangeOf(worth, 'JPY', 'EUR', 0n),
    );
    expect(up.paid).toBe(2n);
    const whole = { minor: 1n, feeFrom: 'recipient', currency: 'JPY', receiveCurrency: 'EUR' } as const;
    expect(priced(whole, [], exchangeOf(worth, 'JPY', 'EUR', 0n))).toBeUndefined();
  });
});

describe('a fraction', () => {
  test('is what a decimal says, and comes back as it was kept', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 10n ** 18n), fc.integer({ min: 0, max: 10 }), (units, scale) => {
        const text = units.toString().padStart(scale + 1, '0');
        const decimal = scale === 0 ? text : `${text.slice(0, -scale)}.${text.slice(-scale)}`;
        const found = fractionOfDecimal(decimal);
        expect(found.numerator * 10n ** BigInt(scale)).toBe(units * found.denominator);
        expect(readFraction(writeFraction(found))).toEqual(found);
      }),
    );
  });

  test.each([
    ['5/4', '1.25'],
    ['1/3', '0.3333333333'],
    ['2000/3', '666.6666666'],
    ['1/128', '0.0078125'],
    ['1/30000', '0.00003333333333'],
    ['20082050000000/3', '6694016666666'],
    ['100/1', '100'],
  ])('%s is shown as %s', (text, shown) => {
    expect(decimalOf(readFraction(text))).toBe(shown);
  });

  test('of nothing or less is none', () => {
    expect(() => fraction(0n, 1n)).toThrow();
    expect(() => fraction(1n, -1n)).toThrow();
  });
});

test.each([
  ['1.00', '1.01', 100n, true],
  ['1.01', '1.00', 100n, true],
  ['1.00', '1.0101', 100n, false],
  ['1.0101', '1.00', 100n, false],
  ['0.0001', '1', 1_000n, false],
])('%s and %s are within %s hundredths of a percent: %s', (one, other, basisPoints, near) => {
  expect(isNear(one, other, basisPoints)).toBe(near);
});

test('both directions of a pair have one name', () => {
  expect(pairOf('USD', 'EUR')).toEqual(pairOf('EUR', 'USD'));
});
