import { formatMinor, type Currency } from '../../../core/money.ts';
import { betweenMinor } from '../../rates-of-exchange/exchange.ts';
import { fraction, decimalOf } from '../../rates-of-exchange/fraction.ts';
import { csvLine, csvText } from '../../exports/csv.ts';
import type { WriteTime } from '../../exports/times.ts';
import type { Line, LineFormat } from './line.ts';
import type { Party } from './parties.ts';

/** The columns, for ever in this order: a new one goes to the end. docs/support.md explains each. */
const COLUMNS = [
  'transfer',
  'at',
  'kind',
  'direction',
  'amount',
  'currency',
  'balance_after',
  'from',
  'from_name',
  'to',
  'to_name',
  'paid',
  'paid_currency',
  'fee',
  'received',
  'received_currency',
  'rate',
  'note',
  'quote',
  'initiator',
  'details',
] as const;

/** RFC 4180, one line for each transfer, UTF-8. Text never begins what a spreadsheet takes for a formula. */
export const CSV: LineFormat = {
  head: csvLine(COLUMNS),
  lines: (page, timeOf) => {
    let text = '';
    for (const line of page) text += lineOf(line, timeOf);
    return text;
  },
};

/** Written into one string: a list of cells for each of millions of lines is twice the work. */
function lineOf({ transfer: t, from, to, change }: Line, timeOf: WriteTime): string {
  const about = `${t.id},${timeOf(t.at)},${csvText(t.kind)},${changeOf(change)},${cellsOf(from)},${cellsOf(to)}`;
  const paid = `${formatMinor(t.paid, from.currency)},${from.currency},${formatMinor(t.fee, from.currency)}`;
  const received = `${formatMinor(t.received, to.currency)},${to.currency},${rateOf(t, from.currency, to.currency)}`;
  const rest = `${csvText(t.note ?? '')},${csvText(t.quote ?? '')},${csvText(t.initiator)},${csvText(t.details ?? '')}`;
  return `${about},${paid},${received},${rest}\r\n`;
}

/** What one unit of what was exchanged brought, fees aside; nothing where nothing was. */
function rateOf({ paid, fee, received }: Line['transfer'], from: Currency, to: Currency): string {
  if (from === to || paid <= fee) return '';
  // Turned round: from minor units to units.
  return decimalOf(betweenMinor(fraction(received, paid - fee), to, from));
}

function changeOf(change: Line['change']): string {
  if (change === undefined) return ',,,';
  const { amount, after, party } = change;
  const { currency } = party;
  const direction = amount < 0n ? 'out' : 'in';
  return `${direction},${formatMinor(amount, currency)},${currency},${formatMinor(after, currency)}`;
}

function cellsOf({ id, name }: Party): string {
  return `${csvText(id)},${csvText(name)}`;
}
