import { formatMinor } from '../../../core/money.ts';
import { csvLine, csvText as text } from '../../exports/csv.ts';
import type { DatedTransfer } from './dates.ts';
import { accountOfEntry, journalAmount, partiesOf, type JournalFormat } from './format.ts';

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
  head: csvLine(COLUMNS),
  byDay: false,
  transfers: (page) => page.flatMap(linesOf).map(csvLine).join(''),
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
