import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import { betweenMinor, givenRate } from '../rates-of-exchange/exchange.ts';
import { decimalOf, readFraction, timesUp, writeFraction } from '../rates-of-exchange/fraction.ts';
import type { QuoteRow } from '../store/quotes.ts';
import type { FeeKind } from './fees.ts';
import { withdrawalOfHold } from './withdrawal-ids.ts';

type Shown = Output<'create-quote'>;

/** What people read for a fee, by its kind. */
const FEE_NAMES: Record<FeeKind, string> = {
  transfer: 'Transfer fee',
  conversion: 'Conversion fee',
  merchant: 'Merchant fee',
  withdrawal: 'Withdrawal fee',
};

/**
 * A quote for the wire. `usedBy` is the transfer that used it, or the hold of a withdrawal, if one did; `now` decides whether
 * it is still open.
 */
export function showQuote(
  quote: QuoteRow,
  to: { id?: string; email?: string; displayName: string },
  usedBy: string | undefined,
  now: string,
): Shown {
  const { currency, receiveCurrency } = quote;
  const fees = JSON.parse(quote.fees) as { kind: FeeKind; minor: string }[];
  const exchange = exchangeOf(quote);
  return {
    id: quote.id,
    kind: quote.kind,
    to: {
      ...(to.id === undefined ? {} : { id: to.id }),
      name: to.displayName,
      ...(to.email === undefined ? {} : { email: to.email }),
    },
    feeFrom: quote.feeFrom,
    fixed: quote.feeFrom === 'sender' ? 'target' : 'source',
    youPay: toWire(quote.paid, currency),
    fee: toWire(quote.fee, currency),
    fees: fees.map(({ kind, minor }) => ({
      kind,
      name: FEE_NAMES[kind],
      amount: toWire(BigInt(minor), currency),
    })),
    theyGet: toWire(quote.received, receiveCurrency),
    ...(exchange ? { exchange } : {}),
    arrives: quote.arrives,
    createdAt: quote.createdAt,
    expiresAt: quote.expiresAt,
    state: usedBy !== undefined ? 'used' : now > quote.expiresAt ? 'expired' : 'open',
    ...(usedBy === undefined
      ? {}
      : quote.kind === 'withdrawal'
        ? { withdrawal: withdrawalOfHold(usedBy) }
        : { transfer: usedBy }),
    ...(quote.bankAccount === null ? {} : { bankAccount: quote.bankAccount }),
    warnings: JSON.parse(quote.warnings) as Shown['warnings'],
  };
}

/**
 * What a payment costs against the middle of the market, fees included, in minor units of the currency that pays, rounded up:
 * what is paid less what that which arrives is worth.
 */
export function costOf(quote: QuoteRow): bigint {
  const { currency, receiveCurrency, paid, received, fee, rate } = quote;
  if (rate === null) return fee;
  const { numerator, denominator } = betweenMinor(readFraction(rate), currency, receiveCurrency);
  return timesUp(paid * numerator - received * denominator, { numerator: 1n, denominator: numerator });
}

/** How one currency is changed into the other, and what that costs. */
function exchangeOf(quote: QuoteRow): Shown['exchange'] {
  const { spread, rateSource, rateAt } = quote;
  if (quote.rate === null || spread === null || rateSource === null || rateAt === null) return undefined;
  const rate = readFraction(quote.rate);
  return {
    midMarket: decimalOf(rate),
    rate: decimalOf(givenRate({ rate, spread })),
    exact: writeFraction(rate),
    spreadBasisPoints: Number(spread),
    source: rateSource,
    at: rateAt,
    cost: toWire(costOf(quote), quote.currency),
  };
}
