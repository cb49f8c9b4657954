import { formatMinor } from '../../core/money.ts';
import type { Deps } from '../deps.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import type { TokenFacts } from '../identity/token-facts.ts';
import { feesAccount, fxAccount, holderAccount } from '../ledger/accounts.ts';
import { pairGuard, quoteGuard } from '../ledger/guards.ts';
import type { EntryDraft, EventDraft, Guard, Intent } from '../ledger/intent.ts';
import { mayBegin } from '../restrictions/may.ts';
import type { QuoteKind } from '../store/quotes.ts';
import type { Price } from './price.ts';
import { tokenGuards } from './token-limits.ts';

type Account = EntryDraft['account'];

/** A payment between two people, or between two accounts of one, to the last minor unit, before it is decided. */
export type Payment = Pick<Price, 'currency' | 'receiveCurrency' | 'paid' | 'fee' | 'received'> & {
  readonly kind: Exclude<QuoteKind, 'withdrawal'>;
  readonly from: Recipient;
  readonly to: Recipient;
  /** The quote whose figures these are. */
  readonly quote?: { readonly id: string; readonly expiresAt: string };
  readonly note?: string | undefined;
  /** The token that pays, when it is not a session. */
  readonly token?: TokenFacts | undefined;
};

/** All that a payment will write. */
export function paymentIntent(
  { newId }: Pick<Deps, 'newId'>,
  payment: Payment,
  key: Intent['key'],
  options: { dryRun?: boolean | undefined } = {},
): Intent {
  const { kind, currency, receiveCurrency, paid, fee, received, quote, note, token } = payment;
  const id = newId('transfer');
  const payer = payment.from.id;
  const [from, to] = [holderAccount(payer, currency), holderAccount(payment.to.id, receiveCurrency)];
  return {
    id,
    initiator: payer,
    key,
    ...(quote === undefined ? {} : { notAfter: expiryOf(quote) }),
    guards: [
      ...(currency === receiveCurrency ? [] : [mayBegin(from, 'convert')]),
      ...(kind === 'conversion' ? [] : paysSomebody(payment, from, to)),
      ...(quote === undefined ? [] : [usedOnce(quote.id)]),
      ...(token === undefined ? [] : tokenGuards(token, payment, id)),
    ],
    transfer: {
      kind,
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
      ...exchanged(payment),
    ],
    events: kind === 'conversion' ? [] : [moneyCame(payment, newId('event'))],
    ...(options.dryRun ? { dryRun: true } : {}),
  };
}

/** What is paid beside the fee goes into the position of its currency, what is received comes out of that of the other. */
function exchanged({ currency, receiveCurrency, paid, fee, received }: Payment): EntryDraft[] {
  if (currency === receiveCurrency) return [];
  return [
    { account: fxAccount(currency), amount: paid - fee },
    { account: fxAccount(receiveCurrency), amount: -received },
  ];
}

/** Both may, and the payer has then paid this recipient once more. */
function paysSomebody(
  { from: { id: payer }, to: { id: recipient } }: Payment,
  from: Account,
  to: Account,
): Guard[] {
  return [
    mayBegin(from, 'send'),
    mayBegin(to, 'receive'),
    {
      name: pairGuard(payer, recipient),
      add: 1n,
      most: 2n ** 62n,
      refusal: { code: 'balance_limit', facts: {} },
    },
  ];
}

function moneyCame({ from, to, received, receiveCurrency }: Payment, id: string): EventDraft {
  const amount = formatMinor(received, receiveCurrency);
  return {
    id,
    kind: 'transfer.done',
    payload: { from: from.id, to: to.id, amount, currency: receiveCurrency },
  };
}

function expiryOf({ expiresAt }: { expiresAt: string }): NonNullable<Intent['notAfter']> {
  return { at: expiresAt, refusal: { code: 'quote_expired', facts: { expiresAt } } };
}

function usedOnce(quote: string): NonNullable<Intent['guards']>[number] {
  return { name: quoteGuard(quote), add: 1n, most: 1n, refusal: { code: 'quote_used', facts: { quote } } };
}
