import type { Deps } from '../deps.ts';
import { claimGuard, suspenseGuard } from '../ledger/guards.ts';
import type { Intent } from '../ledger/intent.ts';
import { guardsByNames, transferById, type TransferView } from '../ledger/read.ts';
import { bookingIntent, type Booking, type Movement } from './book-entry.ts';

/** What the bank is told to call the payment that returns a suspense item: its id without the prefix. */
export function returnReferenceOf(transfer: string): string {
  return transfer.slice('trf_'.length).toUpperCase();
}

/**
 * The suspense items that debits of a statement return: what was decided to be returned and has not been, named by its
 * reference, of the same amount. By the identity of the movement.
 */
export async function matchReturns(
  { engine }: Pick<Deps, 'engine'>,
  movements: readonly Movement[],
): Promise<ReadonlyMap<string, TransferView>> {
  const matched = new Map<string, TransferView>();
  for (const movement of movements) {
    const { endToEndId, direction, isReturn, amount, identity } = movement;
    if (direction !== 'debit' || isReturn || !/^[0-9A-HJKMNP-TV-Z]{26}$/i.test(endToEndId ?? '')) continue;
    const item = await transferById(engine, `trf_${endToEndId?.toLowerCase()}`);
    if (item?.kind !== 'suspense' || item.toKind !== 'suspense') continue;
    if (item.toCurrency !== amount.currency || item.received !== amount.minor) continue;
    const guards = await guardsByNames(engine, [suspenseGuard(item.id), claimGuard(item.id)]);
    const isClaimed = guards.some(({ name, value }) => name === claimGuard(item.id) && value > 0n);
    if (isClaimed && guards.length === 1) matched.set(identity, item);
  }
  return matched;
}

/** The intent that books the debit with which the bank returned an item. Its key and its guards are the movement's. */
export function returnedIntent(deps: Deps, booking: Booking, item: TransferView): Intent {
  const intent = bookingIntent(deps, booking, undefined, '');
  const { transfer } = intent;
  if (!transfer) throw new Error('a movement is booked as a transfer');
  const { reason, ...about } = transfer.details ?? {};
  void reason;
  return {
    ...intent,
    guards: [
      ...(intent.guards ?? []),
      {
        name: suspenseGuard(item.id),
        add: 1n,
        most: 1n,
        refusal: { code: 'reference_used', facts: { reference: item.id } },
      },
    ],
    transfer: { ...transfer, kind: 'return', details: { ...about, returns: item.id } },
  };
}
