import type { Output } from '../../core/contract/operations.ts';
import type { WireMoney } from '../../core/money.ts';
import { facts, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

type Quote = Output<'get-quote'>;
type Transfer = Output<'get-transfer'>;
type Party = Transfer['to'];
type Fact = readonly [string, string | undefined];

/** `Bob Example (bob@example.com)`: names can be chosen freely, addresses cannot. */
export function showParty({ name, email }: Party, pen: Pen): string {
  return email === undefined ? pen.text(name) : `${pen.text(name)} (${pen.text(email)})`;
}

/** What people read for what arrives, where it is not somebody else who gets it. */
const RECEIVED: Readonly<Partial<Record<Quote['kind'], string>>> = {
  conversion: 'You get',
  withdrawal: 'Arrives there',
};

/** What a payment would cost, and what a careful person wants to know first. */
export function quoteBlocks(quote: Quote, note: string | undefined, pen: Pen): Block[] {
  const { state } = quote;
  return [
    facts(
      ['To', quote.kind === 'conversion' ? undefined : showParty(quote.to, pen)],
      ['You pay', pen.strong(pen.money(quote.youPay))],
      ...feeFacts(quote, pen),
      ...exchangeFacts(quote, pen),
      [RECEIVED[quote.kind] ?? 'They get', pen.strong(pen.money(quote.theyGet))],
      ['Arrives', quote.exchange || quote.kind === 'withdrawal' ? pen.text(quote.arrives, 100) : undefined],
      ['Note', note && pen.text(note)],
      [state === 'expired' ? 'Expired' : 'Price holds', holdsUntil(quote, pen)],
    ),
    ...quote.warnings.map(({ text }) => pen.warn(`Warning: ${pen.text(text, 500)}`)),
  ];
}

function holdsUntil({ state, expiresAt, transfer, withdrawal }: Quote, pen: Pen): string {
  const by = transfer ?? withdrawal;
  if (state === 'used') return `no more: it was used${by ? ` by ${pen.text(by)}` : ''}`;
  return state === 'expired' ? pen.time(expiresAt) : `until ${pen.time(expiresAt)}`;
}

/** Each fee with its name where there are several, or else the one there is. */
function feeFacts({ fee, fees, feeFrom, kind }: Quote, pen: Pen): Fact[] {
  if (isZero(fee)) return [['Fee', 'none']];
  const taken = kind === 'conversion' ? 'taken from what you get' : 'taken from what they get';
  const whose = feeFrom === 'sender' ? 'paid by you on top' : taken;
  const named =
    fees.length > 1 ? fees.map((each): Fact => [pen.text(each.name), pen.money(each.amount)]) : [];
  return [['Fee', `${pen.money(fee)}, ${whose}`], ...named];
}

/** How one currency is changed into the other, and what all of it costs. */
function exchangeFacts(quote: Quote, pen: Pen): Fact[] {
  const { exchange, youPay, theyGet } = quote;
  if (!exchange) return [];
  const [from, to] = [pen.text(youPay.currency), pen.text(theyGet.currency)];
  return [
    ['Rate', `1 ${from} = ${pen.text(exchange.rate)} ${to}`],
    [
      'Mid-market rate',
      `1 ${from} = ${pen.text(exchange.midMarket)} ${to} (${pen.text(exchange.source)}, ${pen.shortTime(exchange.at)})`,
    ],
    ['Spread', percentText(exchange.spreadBasisPoints)],
    ['Costs in all', `${costText(quote, pen)} against the mid-market rate`],
  ];
}

/** What a payment costs against the middle of the market, fees included: `0.56 EUR`. */
export function costText({ exchange, fee }: Quote, pen: Pen): string {
  return pen.money(exchange?.cost ?? fee);
}

/** `0.50 %`, from hundredths of a percent. */
export function percentText(basisPoints: number): string {
  return `${Math.floor(basisPoints / 100)}.${String(basisPoints % 100).padStart(2, '0')} %`;
}

/** What pays a quote. */
export function payWith({ id, kind }: Quote, pen: Pen): string {
  return kind === 'conversion'
    ? `Change it: ${pen.strong(`okpay convert --quote ${pen.text(id)}`)}`
    : `Pay it: ${pen.strong(`okpay send --quote ${pen.text(id)}`)}`;
}

/** What was just paid. */
export function sentBlocks(transfer: Transfer, pen: Pen): Block[] {
  const { to, received, note, balanceAfter } = transfer;
  return [
    pen.good(
      transfer.kind === 'conversion'
        ? `Changed ${pen.money(transfer.paid)} into ${pen.money(received)}.`
        : `Sent ${pen.money(received)} to ${showParty(to, pen)}.`,
    ),
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
  return [facts(...transferFacts(transfer, pen))];
}

/** The same as facts, for more of them to follow. */
export function transferFacts(transfer: Transfer, pen: Pen): (readonly [string, string | undefined])[] {
  const { direction, kind, note, reference, balanceAfter, token } = transfer;
  return [
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
    ['Quote', direction !== 'in' && transfer.quote ? pen.text(transfer.quote) : undefined],
  ];
}

/** What moved, in the words of who looks at it. */
function figures({ direction, paid, fee, received }: Transfer, pen: Pen): [string, string][] {
  const free = isZero(fee);
  const middle: [string, string][] = [['Fee', free ? 'none' : pen.money(fee)]];
  if (direction === 'out')
    return [['You paid', pen.strong(pen.money(paid))], ...middle, ['They got', pen.money(received)]];
  if (direction === 'own')
    return [['You paid', pen.strong(pen.money(paid))], ...middle, ['You got', pen.money(received)]];
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
