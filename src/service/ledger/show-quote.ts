import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { QuoteRow } from '../store/quotes.ts';

/** A quote for the wire. `transfer` is the transfer that used it, if one did; `now` decides whether it is still open. */
export function showQuote(
  quote: QuoteRow,
  to: { id: string; email: string; displayName: string },
  transfer: string | undefined,
  now: string,
): Output<'create-quote'> {
  const { currency } = quote;
  return {
    id: quote.id,
    kind: quote.kind,
    to: { id: to.id, name: to.displayName, email: to.email },
    feeFrom: quote.feeFrom,
    youPay: toWire(quote.paid, currency),
    fee: toWire(quote.fee, currency),
    theyGet: toWire(quote.received, currency),
    createdAt: quote.createdAt,
    expiresAt: quote.expiresAt,
    state: transfer !== undefined ? 'used' : now > quote.expiresAt ? 'expired' : 'open',
    ...(transfer === undefined ? {} : { transfer }),
    warnings: JSON.parse(quote.warnings) as Output<'create-quote'>['warnings'],
  };
}
