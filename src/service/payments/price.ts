import { Refusal } from '../../core/contract/refusals.ts';
import { MAX_MINOR, formatMoney, parseAmount, type Currency } from '../../core/money.ts';
import { defaultFeeRule, feeOn, type FeeKind, type FeeRule } from '../ledger/fees.ts';
import { betweenMinor, givenRate, type Exchange } from '../rates-of-exchange/exchange.ts';
import { fraction, timesDown, timesUp } from '../rates-of-exchange/fraction.ts';
import type { Reader } from '../store/engine/engine.ts';
import { feeRulesAt } from '../store/fee-rules.ts';

/** One of the fees of a payment, in minor units of the currency that pays. */
export type Fee = { readonly kind: FeeKind; readonly minor: bigint };

/**
 * What a payment costs: `paid` leaves the payer in `currency`, of it `fee` stays here (the sum of `fees`), and `received`
 * arrives in `receiveCurrency`. Minor units. Between two currencies the rest of what is paid is exchanged.
 */
export type Price = {
  readonly currency: Currency;
  readonly receiveCurrency: Currency;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly fees: readonly Fee[];
  readonly received: bigint;
  readonly exchange?: Exchange | undefined;
};

/**
 * What is to be priced: an amount in minor units of the currency that arrives, with the fees on top (`sender`: the target is
 * fixed), or of the one that pays, with the fees out of it (`recipient`: the source is fixed).
 */
export type Wanted = {
  readonly minor: bigint;
  readonly feeFrom: 'sender' | 'recipient';
  readonly currency: Currency;
  readonly receiveCurrency: Currency;
};

/** Which fees there are on it: between two currencies that of a conversion too. */
export function feeKindsOf({
  kind,
  currency,
  receiveCurrency,
}: Pick<Wanted, 'currency' | 'receiveCurrency'> & { readonly kind: FeeKind }): FeeKind[] {
  return currency === receiveCurrency || kind === 'conversion' ? [kind] : [kind, 'conversion'];
}

/** The fee schedule at an instant, for these kinds and currencies. */
export async function schedule(
  db: Reader,
  kinds: readonly FeeKind[],
  currencies: readonly Currency[],
  at: string,
): Promise<(kind: FeeKind, currency: Currency) => FeeRule> {
  const rules = (await Promise.all(kinds.map((kind) => feeRulesAt(db, kind, currencies, at)))).flat();
  return (kind, currency) =>
    rules.find((rule) => rule.kind === kind && rule.currency === currency) ?? defaultFeeRule(kind, currency);
}

/**
 * The price of what is wanted by the rules of its fees, and between two currencies by how they are exchanged. It is exact
 * but for one rounding, in favour of the house: what is received is rounded down, or where that is fixed what is paid for
 * it is rounded up. Throws `amount_invalid` when that is more than the ledger can hold or less than there is, and
 * `fee_exceeds_amount`.
 */
export function price(wanted: Wanted, rules: readonly FeeRule[], exchange?: Exchange): Price {
  const { minor, feeFrom, currency, receiveCurrency } = wanted;
  const given = exchange ? betweenMinor(givenRate(exchange), currency, receiveCurrency) : fraction(1n, 1n);
  const feesOn = (amount: bigint): Fee[] =>
    rules.map((rule) => ({ kind: rule.kind, minor: feeOn(amount, rule) })).filter((fee) => fee.minor > 0n);
  if (feeFrom === 'sender') {
    const worth = timesUp(minor, { numerator: given.denominator, denominator: given.numerator });
    const fees = feesOn(worth);
    const fee = sumOf(fees);
    checkHolds(worth + fee, currency, fee);
    return { currency, receiveCurrency, paid: worth + fee, fee, fees, received: minor, exchange };
  }
  const fees = feesOn(minor);
  const fee = sumOf(fees);
  if (fee >= minor)
    throw new Refusal('fee_exceeds_amount', {
      fee: formatMoney({ minor: fee, currency }),
      amount: formatMoney({ minor, currency }),
    });
  const received = timesDown(minor - fee, given);
  if (received === 0n)
    throw new Refusal('amount_invalid', {
      reason: `${formatMoney({ minor: minor - fee, currency })} is worth less than ${formatMoney({ minor: 1n, currency: receiveCurrency })}, the least there is.`,
    });
  checkHolds(received, receiveCurrency, 0n);
  return { currency, receiveCurrency, paid: minor, fee, fees, received, exchange };
}

function checkHolds(minor: bigint, currency: Currency, fee: bigint): void {
  if (minor <= MAX_MINOR) return;
  const what = fee === 0n ? 'This' : `With its fee of ${formatMoney({ minor: fee, currency })} this`;
  throw new Refusal('amount_invalid', { reason: `${what} is larger than any amount the ledger can hold.` });
}

function sumOf(fees: readonly Fee[]): bigint {
  return fees.reduce((sum, { minor }) => sum + minor, 0n);
}

/** Throws `fee_above_maximum` when the fee is more than the payer allows; `amount_invalid` when that is no amount. */
export function checkMaximumFee(fee: bigint, maximumFee: string | undefined, currency: Currency): void {
  if (maximumFee === undefined) return;
  const maximum = parseAmount(maximumFee, currency);
  if (fee > maximum.minor) {
    const facts = { fee: formatMoney({ minor: fee, currency }), maximum: formatMoney(maximum) };
    throw new Refusal('fee_above_maximum', facts);
  }
}
