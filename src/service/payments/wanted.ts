import type { Parsed } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount } from '../../core/money.ts';
import type { Wanted } from './price.ts';

type Words = Pick<Parsed<'create-quote'>, 'amount' | 'from' | 'receive' | 'feeFrom'>;

/**
 * What somebody wants priced: an amount, in the currency that pays or in the one that arrives. Between two currencies its
 * currency says which side it fixes; in one currency who bears the fee does, the sender by default. Throws
 * `currency_unknown`, `amount_invalid`, `input_invalid`.
 */
export function wantedOf({ amount, from, receive, feeFrom }: Words): Wanted {
  const { minor, currency: named } = parsePositiveAmount(amount.amount, parseCurrency(amount.currency));
  const currency = from === undefined ? named : parseCurrency(from);
  const receiveCurrency = receive === undefined ? named : parseCurrency(receive);
  if (named !== currency && named !== receiveCurrency)
    throw new Refusal('input_invalid', {
      field: 'amount',
      reason: `is in ${named}, and can only be in ${currency}, which pays, or in ${receiveCurrency}, which arrives`,
    });
  if (currency === receiveCurrency) return { minor, feeFrom: feeFrom ?? 'sender', currency, receiveCurrency };
  const implied = named === currency ? 'recipient' : 'sender';
  if (feeFrom !== undefined && feeFrom !== implied)
    throw new Refusal('input_invalid', {
      field: 'feeFrom',
      reason:
        implied === 'recipient'
          ? `can only be “recipient” where the amount is what is paid (${named}): the fee is taken out of it`
          : `can only be “sender” where the amount is what arrives (${named}): the fee comes on top`,
    });
  return { minor, feeFrom: implied, currency, receiveCurrency };
}
