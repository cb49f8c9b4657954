import type { Parsed } from '../../core/contract/operations.ts';
import { fingerprinter } from '../ledger/fingerprint.ts';

/** A payment as it is asked for, under its key: what a quote says, or an amount at the fee of the moment. */
export type Order = Parsed<'create-transfer'> & { readonly key: string };

/** Gives for each order of a list what must be equal when its key comes again, alone or in another list. */
export function fingerprinterOfOrders(): (order: Order) => string {
  const fingerprint = fingerprinter();
  return (order) => {
    const { note, maximumFee } = order;
    if ('quote' in order)
      return fingerprint({ operation: 'create-transfer', quote: order.quote, note, maximumFee });
    const { to, amount, feeFrom } = order;
    return fingerprint({
      operation: 'create-transfer',
      to,
      amount: amount.amount,
      currency: amount.currency,
      feeFrom,
      note,
      maximumFee,
    });
  };
}
