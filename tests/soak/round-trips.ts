import type { OkpayClient } from '../../src/core/client.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { digitsOf, formatMinor, parseAmount, type Currency } from '../../src/core/money.ts';
import type { Price, Wanted } from '../../src/service/payments/price.ts';
import type { Exchange } from '../../src/service/rates-of-exchange/exchange.ts';
import {
  divide,
  fraction,
  fractionOfDecimal,
  type Fraction,
} from '../../src/service/rates-of-exchange/fraction.ts';

/** Rates as they are: of currencies with 0, 2, 3 and 4 digits, far apart in worth. */
export const WORTHS = {
  EUR: '1',
  USD: '1.1684',
  JPY: '186.75',
  KWD: '0.35871',
  CLF: '0.02671',
  IDR: '20082.05',
  HUF: '366.90',
} as const satisfies Partial<Record<Currency, string>>;
const CURRENCIES = Object.keys(WORTHS) as (keyof typeof WORTHS)[];
const AT = '2026-03-02T09:00:00.000Z';

/** The pricing that is tried: the service's own, or a wrong one for the control. */
export type Pricing = (wanted: Wanted, rules: readonly [], exchange: Exchange) => Price;
/** What came of it. `lost` is how many ended with less than they began with. */
export type Outcome = {
  readonly trips: number;
  readonly none: number;
  readonly gained: number;
  readonly lost: number;
};

/** Numbers from a seed (mulberry32), so that a run can be repeated. */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

/**
 * Changes tiny amounts into another currency, or through a third one, and back, as somebody would who looks for a rounding
 * that pays: of 1 to 40 minor units, with either side fixed, at the middle of the market, without fees or a spread.
 */
export function roundTrips(count: number, seed: number, price: Pricing): Outcome {
  const pick = seeded(seed);
  const any = (): Currency => CURRENCIES[pick(CURRENCIES.length)] ?? 'EUR';
  const worth = new Map<Currency, Fraction>(
    CURRENCIES.map((each) => [each, each === 'EUR' ? fraction(1n, 1n) : fractionOfDecimal(WORTHS[each])]),
  );
  const exchanges = new Map<string, Exchange>();
  for (const from of CURRENCIES)
    for (const to of CURRENCIES) {
      const [a, b] = [worth.get(from), worth.get(to)];
      if (a && b) exchanges.set(from + to, { rate: divide(b, a), spread: 0n, source: 'test', at: AT });
    }
  const change = (minor: bigint, from: Currency, to: Currency, feeFrom: Wanted['feeFrom']): Price => {
    const exchange = exchanges.get(from + to);
    if (!exchange) throw new Error(`no rate from ${from} to ${to}`);
    return price({ minor, feeFrom, currency: from, receiveCurrency: to }, [], exchange);
  };
  let [none, gained, lost] = [0, 0, 0];
  for (let trip = 0; trip < count; trip++) {
    const start = any();
    const between = [any(), any()].slice(0, 1 + pick(2));
    const minor = BigInt(1 + pick(40));
    try {
      let [at, have, paid] = [start, minor, 0n];
      for (const to of [...between, start]) {
        if (to === at) continue;
        // What is wanted instead may cost more than there is at first: then that is what is paid for it.
        const wantsTarget = at === start && pick(2) === 0;
        const { paid: cost, received } = change(have, at, to, wantsTarget ? 'sender' : 'recipient');
        if (at === start) paid += cost;
        else if (cost > have) throw new Error('paid with what is not there');
        [at, have] = [to, received];
      }
      if (paid === 0n) none += 1;
      else if (have > paid) gained += 1;
      else if (have < paid) lost += 1;
    } catch (error) {
      // Worth less than the least amount there is.
      if (!(error instanceof Refusal && error.code === 'amount_invalid')) throw error;
      none += 1;
    }
  }
  return { trips: count - none, none, gained, lost };
}

/** What is left of somebody's money, in minor units of a currency that all the rates are of, with far more digits. */
export function worthOf(balances: readonly { currency: string; balance: { amount: string } }[]): bigint {
  const FINE = 10n ** 24n;
  return balances.reduce((sum, { currency, balance }) => {
    const code = currency as keyof typeof WORTHS;
    const { numerator, denominator } = fractionOfDecimal(WORTHS[code]);
    const { minor } = parseAmount(balance.amount, code);
    return sum + (minor * FINE * denominator) / (numerator * 10n ** BigInt(digitsOf(code)));
  }, 0n);
}

/** The same through real quotes and transfers of somebody; gives how often their money was worth more after one. */
export async function realRoundTrips(client: OkpayClient, count: number, seed: number): Promise<Outcome> {
  const pick = seeded(seed);
  const worth = async () => worthOf((await client.call('list-balances', {})).balances);
  let [none, gained, lost] = [0, 0, 0];
  let before = await worth();
  for (let trip = 0; trip < count; trip++) {
    const from = CURRENCIES[pick(CURRENCIES.length)] ?? 'EUR';
    const to = CURRENCIES[pick(CURRENCIES.length)] ?? 'USD';
    const fixed = pick(2) === 0 ? from : to;
    const amount = { amount: formatMinor(BigInt(1 + pick(40)), fixed), currency: fixed };
    try {
      const { id } = await client.call('create-quote', { amount, from, receive: to });
      await client.call('create-transfer', { quote: id }, { key: `trip-${seed}-${trip}` });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      none += 1;
      continue;
    }
    const now = await worth();
    // Each currency is rounded down once.
    if (now > before + BigInt(CURRENCIES.length)) gained += 1;
    else if (now < before) lost += 1;
    before = now;
  }
  return { trips: count - none, none, gained, lost };
}
