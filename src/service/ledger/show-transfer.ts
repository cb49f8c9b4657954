import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { TransferView } from '../store/transfers.ts';

type Side = 'from' | 'to';

/** A transfer for the wire, as `viewer` sees it. `after` is the viewer's balance right after, in minor units. */
export function showTransfer(t: TransferView, viewer: string, after?: bigint): Output<'get-transfer'> {
  const direction = t.fromOwner === viewer ? 'out' : t.toOwner === viewer ? 'in' : 'other';
  const details = t.details === null ? {} : (JSON.parse(t.details) as Record<string, string>);
  return {
    id: t.id,
    kind: t.kind as Output<'get-transfer'>['kind'],
    state: 'done',
    at: t.at,
    from: partyOf(t, 'from'),
    to: partyOf(t, 'to'),
    direction,
    paid: toWire(t.paid, t.fromCurrency),
    fee: toWire(t.fee, t.fromCurrency),
    received: toWire(t.received, t.toCurrency),
    ...(t.note === null ? {} : { note: t.note }),
    ...(details['reference'] === undefined ? {} : { reference: details['reference'] }),
    ...(t.quote === null || direction !== 'out' ? {} : { quote: t.quote }),
    ...(after === undefined
      ? {}
      : { balanceAfter: toWire(after, direction === 'out' ? t.fromCurrency : t.toCurrency) }),
    ...(details['token'] === undefined || direction !== 'out' ? {} : { token: details['token'] }),
  };
}

function partyOf(t: TransferView, side: Side): Output<'get-transfer'>['from'] {
  const owner = t[`${side}Owner`];
  if (owner === null) return { name: systemName(t[`${side}Kind`]) };
  return { id: owner, name: t[`${side}OwnerName`] ?? '', email: t[`${side}OwnerEmail`] ?? '' };
}

/** What people read for an account nobody owns, by its kind. */
export function systemName(kind: string): string {
  return SYSTEM_NAMES[kind] ?? kind;
}

/** What people read for accounts nobody owns. */
const SYSTEM_NAMES: Record<string, string> = {
  fees: 'Fees',
  clearing: 'Bank',
  suspense: 'Unassigned bank entries',
  adjustments: 'Adjustments by staff',
};
