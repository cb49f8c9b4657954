import type { Output } from '../../core/contract/operations.ts';
import { toWire, type Money } from '../../core/money.ts';
import type { Reader } from '../store/engine/engine.ts';
import { balanceAfter, type TransferView } from '../store/transfers.ts';

type Side = 'from' | 'to';

/** A transfer as one account has it: what it added or took, and the balance right after, in minor units. */
export type Booked = TransferView & { readonly amount: bigint; readonly after: bigint };

/**
 * Transfers as the accounts of one holder have them, each once: between two accounts of theirs it is in both, and is told
 * from the one that paid.
 */
export function onceEach<Row extends Booked>(rows: readonly Row[]): Row[] {
  const byId = new Map<string, Row>();
  for (const row of rows) if (row.amount < 0n || !byId.has(row.id)) byId.set(row.id, row);
  return [...byId.values()];
}

/** The balance right after, with its currency. */
export function afterOf({ amount, after, fromCurrency, toCurrency }: Booked): Money {
  return { minor: after, currency: amount < 0n ? fromCurrency : toCurrency };
}

/** A transfer for the wire, as `viewer` sees it. `after` is the balance of an account of the viewer's right after. */
export function showTransfer(t: TransferView, viewer: string, after?: Money): Output<'get-transfer'> {
  const direction = directionOf(t, viewer);
  const paidIt = direction === 'out' || direction === 'own';
  const details = detailsOf(t);
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
    ...(t.quote === null || !paidIt ? {} : { quote: t.quote }),
    ...(after === undefined ? {} : { balanceAfter: toWire(after.minor, after.currency) }),
    ...(details['withdrawal'] === undefined || direction === 'other'
      ? {}
      : { withdrawal: details['withdrawal'] }),
    ...(details['token'] === undefined || !paidIt ? {} : { token: details['token'] }),
  };
}

/** The balance the viewer had right after: of the account that paid where that is theirs, or else the one that received. */
export async function balanceOfViewer(
  db: Reader,
  t: TransferView,
  viewer: string,
): Promise<Money | undefined> {
  const side = t.fromOwner === viewer ? 'from' : t.toOwner === viewer ? 'to' : undefined;
  const minor = side && (await balanceAfter(db, t[`${side}Account`], t.id));
  return side && minor !== undefined ? { minor, currency: t[`${side}Currency`] } : undefined;
}

function directionOf(
  { fromOwner, toOwner }: TransferView,
  viewer: string,
): Output<'get-transfer'>['direction'] {
  if (fromOwner === viewer) return toOwner === viewer ? 'own' : 'out';
  return toOwner === viewer ? 'in' : 'other';
}

function detailsOf({ details }: TransferView): Readonly<Record<string, string>> {
  return details === null ? {} : (JSON.parse(details) as Record<string, string>);
}

function partyOf(t: TransferView, side: Side): Output<'get-transfer'>['from'] {
  const owner = t[`${side}Owner`];
  const { payee } = detailsOf(t);
  // Where a withdrawal went is its holder's to know.
  if (owner === null && t.kind === 'withdrawal' && t[`${side}Kind`] === 'clearing')
    return { name: payee ?? systemName('clearing') };
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
  fx: 'Currency exchange',
};
