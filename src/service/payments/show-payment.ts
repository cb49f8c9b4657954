import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import type { Payment } from './payment.ts';

type Shown = Output<'create-transfer'>;

/** What was decided of a payment. `balanceAfter` is the payer's, in minor units. */
type Decided = { readonly id: string; readonly at: string; readonly balanceAfter?: bigint };

/** A payment for the wire, as the payer sees it: from what was written, so that nothing has to be read back. */
export function showPayment(payment: Payment, decided: Decided, state: Shown['state']): Shown {
  const { id, at, balanceAfter } = decided;
  const { kind, currency, receiveCurrency, quote, note, token } = payment;
  return {
    id,
    kind,
    state,
    at,
    from: partyOf(payment.from),
    to: partyOf(payment.to),
    direction: kind === 'conversion' ? 'own' : 'out',
    paid: toWire(payment.paid, currency),
    fee: toWire(payment.fee, currency),
    received: toWire(payment.received, receiveCurrency),
    ...(note === undefined ? {} : { note }),
    ...(quote === undefined ? {} : { quote: quote.id }),
    ...(balanceAfter === undefined ? {} : { balanceAfter: toWire(balanceAfter, currency) }),
    ...(token === undefined ? {} : { token: token.id }),
  };
}

function partyOf({ id, displayName, email }: Recipient): Shown['from'] {
  return { id, name: displayName, email };
}
