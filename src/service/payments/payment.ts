import { formatMinor, type Currency } from '../../core/money.ts';
import type { Deps } from '../deps.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import type { TokenFacts } from '../identity/token-facts.ts';
import { feesAccount, holderAccount } from '../ledger/accounts.ts';
import { pairGuard, quoteGuard } from '../ledger/guards.ts';
import type { Intent } from '../ledger/intent.ts';
import { limitGuards, type Counted, type Move } from '../limits/count.ts';
import { mayBegin } from '../restrictions/may.ts';
import type { Price } from './price.ts';
import { tokenGuards } from './token-limits.ts';

/** A payment between two people, to the last minor unit, before it is decided. */
export type Payment = Price & {
  readonly from: Recipient;
  readonly to: Recipient;
  readonly currency: Currency;
  /** The quote whose figures these are. */
  readonly quote?: { readonly id: string; readonly expiresAt: string };
  readonly note?: string | undefined;
  /** The token that pays, when it is not a session. */
  readonly token?: TokenFacts | undefined;
  /** What it counts as against the limits of both. */
  readonly counted?: readonly Counted[] | undefined;
};

/** What a payment moves, for the limits of both. */
export function movesOf({ from, to, currency, paid, received }: Payment): [out: Move, into: Move] {
  return [
    { who: from, direction: 'out', amount: { minor: paid, currency } },
    { who: to, direction: 'in', amount: { minor: received, currency } },
  ];
}

/** All that a payment will write. */
export function paymentIntent(
  { newId }: Pick<Deps, 'newId'>,
  payment: Payment,
  key: Intent['key'],
  options: { dryRun?: boolean | undefined } = {},
): Intent {
  const { currency, paid, fee, received, quote, note, token, counted = [] } = payment;
  const id = newId('transfer');
  const [payer, recipient] = [payment.from.id, payment.to.id];
  const [from, to] = [holderAccount(payer, currency), holderAccount(recipient, currency)];
  const paidOnceMore = {
    name: pairGuard(payer, recipient),
    add: 1n,
    most: 2n ** 62n,
    refusal: { code: 'balance_limit', facts: {} },
  } as const;
  return {
    id,
    initiator: payer,
    key,
    ...(quote === undefined ? {} : { notAfter: expiryOf(quote) }),
    guards: [
      mayBegin(from, 'send'),
      mayBegin(to, 'receive'),
      ...(quote === undefined ? [] : [usedOnce(quote.id)]),
      paidOnceMore,
      ...(token === undefined ? [] : tokenGuards(token, payment, id)),
      ...limitGuards(counted, id),
    ],
    transfer: {
      kind: 'transfer',
      from,
      to,
      paid,
      fee,
      received,
      ...(quote === undefined ? {} : { quote: quote.id }),
      ...(note === undefined ? {} : { note }),
      ...(token === undefined ? {} : { details: { token: token.id } }),
    },
    entries: [
      { account: from, amount: -paid },
      { account: to, amount: received },
      ...(fee === 0n ? [] : [{ account: feesAccount(currency), amount: fee }]),
    ],
    events: [
      {
        id: newId('event'),
        kind: 'transfer.done',
        payload: { from: payer, to: recipient, amount: formatMinor(received, currency), currency },
      },
    ],
    ...(options.dryRun ? { dryRun: true } : {}),
  };
}

function expiryOf({ expiresAt }: { expiresAt: string }): NonNullable<Intent['notAfter']> {
  return { at: expiresAt, refusal: { code: 'quote_expired', facts: { expiresAt } } };
}

function usedOnce(quote: string): NonNullable<Intent['guards']>[number] {
  return { name: quoteGuard(quote), add: 1n, most: 1n, refusal: { code: 'quote_used', facts: { quote } } };
}
