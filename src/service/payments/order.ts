import type { Parsed } from '../../core/contract/operations.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';

/** A payment as it is asked for, under its key: what a quote says, or an amount at the fee of the moment. */
export type Order = Parsed<'create-transfer'> & { readonly key: string };

/** What must be equal when the key of an order comes again, alone or in a list. */
export function fingerprintOfOrder(order: Order): string {
  const { note, maximumFee } = order;
  if ('quote' in order)
    return fingerprintOf({ operation: 'create-transfer', quote: order.quote, note, maximumFee });
  const { to, amount, feeFrom } = order;
  return fingerprintOf({
    operation: 'create-transfer',
    to,
    amount: amount.amount,
    currency: amount.currency,
    feeFrom,
    note,
    maximumFee,
  });
}
