import { Refusal } from '../../../core/contract/refusals.ts';
import { timestamp } from '../../deps.ts';
import { quoteGuard } from '../../ledger/guards.ts';
import { showQuote } from '../../ledger/show-quote.ts';
import { guardByName } from '../../ledger/read.ts';
import { quoteOf } from '../../store/quotes.ts';
import { payeeOf } from '../../withdrawals/quote.ts';
import type { UseCase } from '../use-case.ts';

/** One of the holder's own quotes. Throws `not_found`, the same for someone else's. */
export const getQuote: UseCase<'get-quote'> = async ({ engine, now }, actor, input) => {
  const quote = await quoteOf(engine, actor.user, input.quote);
  const recipient = quote && (await payeeOf(engine, quote));
  if (!recipient) throw new Refusal('not_found', { thing: 'quote', id: input.quote });
  const used = await guardByName(engine, quoteGuard(quote.id));
  return showQuote(quote, recipient, used?.changedBy, timestamp(now()));
};
