import type { Output } from './contract/operations.ts';
import type { WireMoney } from './money.ts';

/**
 * What somebody asked to be paid, apart from what it costs. With the fee from the sender the amount is what they get,
 * with the fee from the recipient it is what the sender pays.
 */
export type Asked = {
  readonly to: { id?: string | undefined; name: string; email?: string | undefined };
  readonly amount: WireMoney;
  readonly feeFrom: 'sender' | 'recipient';
  readonly note?: string | undefined;
  /** The currency of the other side, where it is another one. */
  readonly other?: string | undefined;
  /** Whether the money stays with its owner. */
  readonly isConversion?: true | undefined;
};

/** What a quote prices, and the note that goes with it. */
export function askedOf(quote: Output<'get-quote'>, note: string | undefined): Asked {
  const { kind, to, feeFrom, youPay, theyGet } = quote;
  const [amount, otherSide] = feeFrom === 'sender' ? [theyGet, youPay] : [youPay, theyGet];
  return {
    to: quote.bankAccount === undefined ? to : { id: quote.bankAccount, name: to.name },
    amount,
    feeFrom,
    ...(note === undefined ? {} : { note }),
    ...(otherSide.currency === amount.currency ? {} : { other: otherSide.currency }),
    ...(kind === 'conversion' ? { isConversion: true } : {}),
  };
}

/** The first thing in which two payments that were asked for differ; undefined when they are the same. */
export function differingWish(one: Asked, other: Asked): string | undefined {
  if (one.to.id !== other.to.id) return 'to';
  if (one.amount.amount !== other.amount.amount) return 'amount';
  if (one.amount.currency !== other.amount.currency) return 'currency';
  if (one.other !== other.other) return 'otherCurrency';
  if (one.feeFrom !== other.feeFrom) return 'feeFrom';
  return one.note === other.note ? undefined : 'note';
}
