import { Refusal } from '../../../core/contract/refusals.ts';
import { timestamp } from '../../deps.ts';
import { showQuote } from '../../ledger/show-quote.ts';
import { makeQuote } from '../../payments/make-quote.ts';
import { recipientOf } from '../../payments/recipient-of.ts';
import { wantedOf } from '../../payments/wanted.ts';
import { quoteWithdrawal } from '../../withdrawals/quote.ts';
import { insertQuote } from '../../store/quotes.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Prices a payment, or without a recipient a conversion between the holder's own accounts, and binds the price: what the
 * sender pays, each fee, the rate, what the recipient gets. `feeFrom` says who bears the fee: the sender (on top of the
 * amount, the default) or the recipient (out of it). Nothing is reserved.
 */
export const createQuote: UseCase<'create-quote'> = async (deps, actor, input) => {
  const { engine, now } = deps;
  if (input.bankAccount !== undefined)
    return quoteWithdrawal(deps, actor, { ...input, bankAccount: input.bankAccount });
  const wanted = wantedOf(input);
  const { kind, recipient } = await recipientOf(engine, actor, input.to);
  if (kind === 'conversion' && wanted.currency === wanted.receiveCurrency)
    throw new Refusal('input_invalid', {
      field: 'receive',
      reason: 'is missing or the same currency: a conversion is between two',
    });
  const at = now();
  const quote = await makeQuote(deps, actor.user, { ...wanted, kind, recipient }, at);
  await engine.transact((tx) => insertQuote(tx, quote));
  return showQuote(quote, recipient, undefined, timestamp(at));
};
