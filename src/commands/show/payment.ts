import type { Output } from '../../core/contract/operations.ts';
import type { WireMoney } from '../../core/money.ts';
import { facts, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

type Quote = Output<'get-quote'>;
type Transfer = Output<'get-transfer'>;
type Party = Transfer['to'];

/** `Bob Example (bob@example.com)`: names can be chosen freely, addresses cannot. */
export function showParty({ name, email }: Party, pen: Pen): string {
  return email === undefined ? pen.text(name) : `${pen.text(name)} (${pen.text(email)})`;
}

/** What a payment would cost, and what a careful person wants to know first. */
export function quoteBlocks(quote: Quote, note: string | undefined, pen: Pen): Block[] {
  const { state } = quote;
  return [
    facts(
      ['To', showParty(quote.to, pen)],
      ['You pay', pen.strong(pen.money(quote.youPay))],
      ['Fee', feeText(quote, pen)],
      ['They get', pen.strong(pen.money(quote.theyGet))],
      ['Note', note && pen.text(note)],
      [state === 'expired' ? 'Expired' : 'Price holds', holdsUntil(quote, pen)],
    ),
    ...quote.warnings.map(({ text }) => pen.warn(`Warning: ${pen.text(text, 500)}`)),
  ];
}

function holdsUntil({ state, expiresAt, transfer }: Quote, pen: Pen): string {
  if (state === 'used') return `no more: it was used${transfer ? ` by ${pen.text(transfer)}` : ''}`;
  return state === 'expired' ? pen.time(expiresAt) : `until ${pen.time(expiresAt)}`;
}

function feeText({ fee, feeFrom }: Quote, pen: Pen): string {
  if (isZero(fee)) return 'none';
  return `${pen.money(fee)}, ${feeFrom === 'sender' ? 'paid by you on top' : 'taken from what they get'}`;
}

/** What was just paid. */
export function sentBlocks(transfer: Transfer, pen: Pen): Block[] {
  const { to, received, note, balanceAfter } = transfer;
  return [
    pen.good(`Sent ${pen.money(received)} to ${showParty(to, pen)}.`),
    facts(
      ...figures(transfer, pen),
      ['Note', note && pen.text(note)],
      ['You have now', balanceAfter && pen.money(balanceAfter)],
      ['Transfer', pen.text(transfer.id)],
    ),
  ];
}

/** A transfer whole, as its viewer sees it. */
export function transferBlocks(transfer: Transfer, pen: Pen): Block[] {
  const { direction, kind, note, reference, balanceAfter, token } = transfer;
  return [
    facts(
      ['Transfer', pen.text(transfer.id)],
      ['When', pen.time(transfer.at)],
      ['Kind', pen.text(kind)],
      ['From', showParty(transfer.from, pen)],
      ['To', showParty(transfer.to, pen)],
      ...figures(transfer, pen),
      ['Note', note && pen.text(note)],
      ['Reference', reference && pen.text(reference)],
      ['Balance after', balanceAfter && pen.money(balanceAfter)],
      ['Token', token && pen.text(token)],
      ['Quote', direction === 'out' && transfer.quote ? pen.text(transfer.quote) : undefined],
    ),
  ];
}

/** What moved, in the words of who looks at it. */
function figures({ direction, paid, fee, received }: Transfer, pen: Pen): [string, string][] {
  const free = isZero(fee);
  const middle: [string, string][] = [['Fee', free ? 'none' : pen.money(fee)]];
  if (direction === 'out')
    return [['You paid', pen.strong(pen.money(paid))], ...middle, ['They got', pen.money(received)]];
  if (direction === 'in') {
    const got: [string, string] = ['You got', pen.strong(pen.money(received))];
    return free ? [got] : [got, ...middle, ['They paid', pen.money(paid)]];
  }
  return [['Paid', pen.money(paid)], ...middle, ['Received', pen.money(received)]];
}

/** Whether there is nothing to it: a fee of zero is no fee. */
export function isZero({ amount }: WireMoney): boolean {
  return /^0(\.0+)?$/.test(amount);
}
