import type { Currency } from '../../core/money.ts';
import type { Reader } from '../store/engine/engine.ts';
import { rateAt, type RateRow } from '../store/rates.ts';
import { divide, fraction, fractionOfDecimal, type Fraction } from './fraction.ts';

/** The currency all rates are kept against: the one of the reference rates of the European Central Bank. */
export const BASE: Currency = 'EUR';

/** The middle of the market between two currencies. */
export type Rate = {
  /** What one unit of the first is worth in units of the second, exactly. */
  readonly rate: Fraction;
  readonly source: string;
  /** For when it was found out, and until when prices may be made of it; of two rates the earlier. RFC 3339. */
  readonly at: string;
  readonly goodUntil: string;
};

/**
 * The rate in force between two different currencies at an instant (RFC 3339): across the base where neither is the base,
 * exactly. Undefined when one of them has none. Whether it is still good is for who asks to say.
 */
export async function rateBetween(
  db: Reader,
  from: Currency,
  to: Currency,
  at: string,
): Promise<Rate | undefined> {
  const legs = await Promise.all(
    [from, to].filter((each) => each !== BASE).map((currency) => rateAt(db, currency, at)),
  );
  if (!legs.every((leg): leg is RateRow => leg !== undefined)) return undefined;
  const worth = (currency: Currency) => {
    const leg = legs.find((each) => each.currency === currency);
    return leg ? fractionOfDecimal(leg.rate) : fraction(1n, 1n);
  };
  return {
    rate: divide(worth(to), worth(from)),
    source: [...new Set(legs.map(({ source }) => source))].join(' and '),
    at: earliest(legs.map((leg) => leg.at)),
    goodUntil: earliest(legs.map((leg) => leg.goodUntil)),
  };
}

function earliest(times: readonly string[]): string {
  return times.toSorted()[0] ?? '';
}
