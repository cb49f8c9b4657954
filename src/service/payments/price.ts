import { Refusal } from '../../core/contract/refusals.ts';
import { MAX_MINOR, formatMoney, parseAmount, type Currency, type Money } from '../../core/money.ts';
import { defaultFeeRule, feeOn, type FeeRule } from '../ledger/fees.ts';
import type { Reader } from '../store/engine/engine.ts';
import { feeRulesAt } from '../store/fee-rules.ts';

/** What a payment costs: `paid` leaves the payer, of it `fee` stays here and `received` arrives. Minor units. */
export type Price = { readonly paid: bigint; readonly fee: bigint; readonly received: bigint };

/** The fee schedule for payments between people at an instant, for these currencies. */
export async function schedule(
  db: Reader,
  currencies: readonly Currency[],
  at: string,
): Promise<(currency: Currency) => FeeRule> {
  const rules = await feeRulesAt(db, 'transfer', currencies, at);
  return (currency) =>
    rules.find((rule) => rule.currency === currency) ?? defaultFeeRule('transfer', currency);
}

/**
 * The price of a payment by a rule. The sender bears the fee on top of the amount, or the recipient out of it.
 * Throws `amount_invalid` when that is more than the ledger can hold, and `fee_exceeds_amount`.
 */
export function price(amount: Money, feeFrom: 'sender' | 'recipient', rule: FeeRule): Price {
  const { minor, currency } = amount;
  const fee = feeOn(minor, rule);
  if (feeFrom === 'sender') {
    if (minor + fee > MAX_MINOR) {
      throw new Refusal('amount_invalid', {
        reason: `With its fee of ${formatMoney({ minor: fee, currency })} this is larger than any amount the ledger can hold.`,
      });
    }
    return { paid: minor + fee, fee, received: minor };
  }
  if (fee >= minor) {
    throw new Refusal('fee_exceeds_amount', {
      fee: formatMoney({ minor: fee, currency }),
      amount: formatMoney(amount),
    });
  }
  return { paid: minor, fee, received: minor - fee };
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
