import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { plainText } from '../exports/plain-text.ts';
import { showQuote } from '../ledger/show-quote.ts';
import { showTransfer } from '../ledger/show-transfer.ts';
import { transferById } from '../ledger/read.ts';
import type { Reader } from '../store/engine/engine.ts';
import { quoteOf } from '../store/quotes.ts';
import { documentTime, type Issuer } from './issuer.ts';
import { kindName } from './kinds.ts';
import { beginPage, endPage, factList } from './page.ts';

type Quote = Output<'get-quote'>;

/** A transfer as its holder can show it to others. */
export type Receipt = {
  readonly operator: string;
  readonly url: string;
  readonly issuedAt: string;
  /** Whose receipt it is. */
  readonly holder: { readonly id: string; readonly name: string };
  readonly transfer: Output<'get-transfer'>;
  /** Each fee by its name; together they are the fee of the transfer. */
  readonly fees: readonly { readonly name: string; readonly amount: Quote['fee'] }[];
  /** How one currency was changed into another. For who paid. */
  readonly exchange?: Quote['exchange'];
};

/** The receipt of a transfer the holder took part in. Throws `not_found`, the same for other people's. */
export async function receiptOf(
  db: Reader,
  issuer: Issuer,
  holder: { readonly id: string; readonly name: string },
  id: string,
): Promise<Receipt> {
  const row = await transferById(db, id);
  if (!row || ![row.fromOwner, row.toOwner].includes(holder.id))
    throw new Refusal('not_found', { thing: 'transfer', id });
  const isPayer = row.fromOwner === holder.id;
  const quote = isPayer && row.quote !== null ? await quoteOf(db, holder.id, row.quote) : undefined;
  const to = { id: row.toOwner ?? '', email: row.toOwnerEmail ?? '', displayName: row.toOwnerName ?? '' };
  const priced = quote && showQuote(quote, to, id, issuer.at);
  // Without the balance, which is nobody's business that a receipt is shown to.
  const transfer = showTransfer(row, holder.id);
  // A quote is its owner's, and not kept for ever, and a direct payment has none: then all that is known is their sum.
  const whole = row.fee === 0n ? [] : [{ name: 'Fee', amount: transfer.fee }];
  return {
    operator: issuer.operator,
    url: issuer.url,
    issuedAt: issuer.at,
    holder,
    transfer,
    fees: priced ? priced.fees.map(({ name, amount }) => ({ name, amount })) : whole,
    ...(priced?.exchange ? { exchange: priced.exchange } : {}),
  };
}

const FORMATS = { text: textOf, json: jsonOf, html: pageOf };

/** How a receipt can be written. */
export type ReceiptFormat = keyof typeof FORMATS;

/** A receipt as text. */
export function writeReceipt(receipt: Receipt, format: ReceiptFormat): string {
  return FORMATS[format](receipt);
}

function jsonOf(receipt: Receipt): string {
  return `${JSON.stringify(receipt, undefined, 2)}\n`;
}

function textOf(receipt: Receipt): string {
  const { operator, url } = receipt;
  const facts = [['Issued by', `${operator}, ${url}`] as const, ...factsOf(receipt)];
  const width = Math.max(...facts.map(([label]) => label.length)) + 2;
  const lines = facts.map(([label, value]) => `${`${label}:`.padEnd(width)}${plainText(value)}`);
  return [titleOf(receipt), '', ...lines, '', endOf(receipt), ''].map((line) => line.trimEnd()).join('\n');
}

function pageOf(receipt: Receipt): string {
  const { operator, url } = receipt;
  return [
    beginPage(titleOf(receipt), [operator, url]),
    factList(factsOf(receipt)),
    endPage(endOf(receipt)),
  ].join('');
}

function titleOf({ transfer }: Receipt): string {
  return `Receipt: ${kindName(transfer.kind)}`;
}

function endOf({ operator, issuedAt }: Receipt): string {
  return `Given out by ${plainText(operator)} on ${documentTime(issuedAt)}.`;
}

function factsOf({ holder, transfer, fees, exchange }: Receipt): [string, string][] {
  const { paid, received } = transfer;
  const optional = (label: string, value: string | undefined): [string, string][] =>
    value === undefined ? [] : [[label, value]];
  return [
    ['For', `${holder.name} (${holder.id})`],
    ['Transfer', transfer.id],
    ['When', `${transfer.at.slice(0, 10)} ${transfer.at.slice(11, 19)} UTC`],
    ['From', partyText(transfer.from)],
    ['To', partyText(transfer.to)],
    ['Paid', moneyText(paid)],
    ...(fees.length === 0 ? optional('Fee', 'none') : []),
    ...fees.map(({ name, amount }): [string, string] => [name, moneyText(amount)]),
    ...optional('Rate', exchange && `1 ${paid.currency} = ${exchange.rate} ${received.currency}`),
    ...optional(
      'Mid-market rate',
      exchange &&
        `1 ${paid.currency} = ${exchange.midMarket} ${received.currency} (${exchange.source}, ${documentTime(exchange.at)})`,
    ),
    ...optional('Cost against it', exchange && `${moneyText(exchange.cost)}, fees included`),
    ['Received', moneyText(received)],
    ...optional('Note', transfer.note),
    ...optional('Reference', transfer.reference),
    ...optional('Quote', transfer.quote),
  ];
}

function partyText({ id, name, email }: Output<'get-transfer'>['from']): string {
  return [name, email === undefined || email === '' ? '' : `<${email}>`, id === undefined ? '' : `(${id})`]
    .filter((part) => part !== '')
    .join(' ');
}

function moneyText({ amount, currency }: Quote['fee']): string {
  return `${amount} ${currency}`;
}
