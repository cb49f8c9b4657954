import { Refusal } from '../../core/contract/refusals.ts';
import { digitsOf, type Currency } from '../../core/money.ts';
import type { Reader } from '../store/engine/engine.ts';
import { spreadAt } from '../store/spreads.ts';
import { fraction, multiply, type Fraction } from './fraction.ts';
import { rateBetween } from './rate-between.ts';

/** How one currency is changed into another: the middle of the market, and what is kept of it. */
export type Exchange = {
  /** What one unit of the paying currency is worth in units of the other, exactly. */
  readonly rate: Fraction;
  /** Hundredths of a percent. */
  readonly spread: bigint;
  readonly source: string;
  /** For when the rate was found out. RFC 3339. */
  readonly at: string;
};

/** What is kept where the operator set nothing, in hundredths of a percent. */
export const DEFAULT_SPREAD = 50n;
const ALL = 10_000n;

/** How one currency is changed into another at an instant (RFC 3339). Throws `rate_unknown`, `rate_stale`. */
export async function exchangeAt(db: Reader, from: Currency, to: Currency, at: string): Promise<Exchange> {
  const [found, spread] = await Promise.all([
    rateBetween(db, from, to, at),
    spreadAt(db, pairOf(from, to), at),
  ]);
  if (!found) throw new Refusal('rate_unknown', { from, to });
  const { rate, source, at: foundAt, goodUntil } = found;
  if (at > goodUntil) throw new Refusal('rate_stale', { from, to, at: foundAt, goodUntil });
  return { rate, spread: spread?.basisPoints ?? DEFAULT_SPREAD, source, at: foundAt };
}

/** Two currencies in the order of the alphabet: both directions have one spread. */
export function pairOf(one: Currency, other: Currency): [Currency, Currency] {
  return one < other ? [one, other] : [other, one];
}

/** What is given for one unit of the paying currency: the middle of the market less the spread. */
export function givenRate({ rate, spread }: Pick<Exchange, 'rate' | 'spread'>): Fraction {
  return multiply(rate, fraction(ALL - spread, ALL));
}

/** A rate between units as one between minor units (cents, fils). */
export function betweenMinor(rate: Fraction, from: Currency, to: Currency): Fraction {
  return multiply(rate, fraction(10n ** BigInt(digitsOf(to)), 10n ** BigInt(digitsOf(from))));
}
