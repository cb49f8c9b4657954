import { formatMinor } from '../../../core/money.ts';
import { stringify } from 'csv-stringify/sync';
import type { DatedTransfer } from './dates.ts';
import { accountOfEntry, journalAmount, partiesOf, type JournalFormat } from './format.ts';
import { plainText } from './plain-text.ts';

/** The columns, for ever in this order: a new one goes to the end. */
const COLUMNS = [
  'transfer',
  'at',
  'kind',
  'line',
  'account',
  'ledger_account',
  'amount',
  'currency',
  'balance_after',
  'from',
  'to',
  'paid',
  'fee',
  'paid_currency',
  'received',
  'received_currency',
  'note',
  'quote',
  'initiator',
  'details',
] as const;

/**
 * RFC 4180, one line for each entry, UTF-8, times in UTC. `amount` and `balance_after` are debits when positive; `paid`,
 * `fee` and `received` belong to the transfer and are the same on all its lines. Text never begins what a spreadsheet
 * takes for a formula.
 */
export const CSV: JournalFormat = {
  head: csvLines([COLUMNS]),
  byDay: false,
  transfers: (page) => csvLines(page.flatMap(linesOf)),
};

function linesOf(t: DatedTransfer): string[][] {
  const { from, to } = partiesOf(t);
  const ofTransfer = [
    text(from),
    text(to),
    formatMinor(t.paid, t.fromCurrency),
    formatMinor(t.fee, t.fromCurrency),
    t.fromCurrency,
    formatMinor(t.received, t.toCurrency),
    t.toCurrency,
    text(t.note ?? ''),
    text(t.quote ?? ''),
    text(t.initiator),
    text(t.details ?? ''),
  ];
  return t.entries.map((entry) => {
    const { name, currency } = accountOfEntry(entry);
    return [
      t.id,
      t.at,
      text(t.kind),
      String(entry.line),
      name,
      text(entry.accountName ?? ''),
      journalAmount(entry.amount, currency),
      currency,
      journalAmount(entry.after, currency),
      ...ofTransfer,
    ];
  });
}

function csvLines(records: readonly (readonly string[])[]): string {
  return stringify(records as string[][], { record_delimiter: '\r\n' });
}

const FORMULA = '[=+\\-@＝＋－＠]';
const FORMULA_AT_START = new RegExp(`^\\s*${FORMULA}`, 'u');
/** Programs that part fields at `;` or `|` see a new cell there. */
const FORMULA_AFTER_SEPARATOR = new RegExp(`([;|]\\s*)(?=${FORMULA})`, 'gu');

/**
 * Text for a cell: hidden characters visible, and with an apostrophe before what a spreadsheet would take for a formula
 * (https://owasp.org/www-community/attacks/CSV_Injection), also after blanks and in fullwidth. The exact text is in the
 * jsonl format.
 */
function text(value: string): string {
  const plain = plainText(value).replace(FORMULA_AFTER_SEPARATOR, "$1'");
  return FORMULA_AT_START.test(plain) ? `'${plain}` : plain;
}
