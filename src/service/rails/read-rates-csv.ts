import { checkCurrency, ReferenceRates, type ReferenceRate } from './reference-rates.ts';
import { quote, StatementError } from './statement-error.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** What stands for a currency that had no rate on a day. */
const NONE = 'N/A';
/** Characters of one line, and currencies in it. */
const MOST_CHARACTERS = 4_096;
const MOST_CURRENCIES = 200;

/**
 * Reads the euro foreign exchange reference rates of the European Central Bank as CSV: daily (`13 April 2026`, blanks after
 * the commas) or historical (`2019-12-31`, `N/A` where there was no rate), a column for each currency. Nothing in such a file
 * is quoted, so a quote is as wrong as any other text. Throws StatementError.
 */
export function readRatesCsv(text: string): readonly ReferenceRate[] {
  const rates = new ReferenceRates();
  const lines = text.split(/\r?\n/);
  let last = lines.length;
  while (last > 1 && lines[last - 1]?.trim() === '') last -= 1;
  const [head = '', ...rows] = lines.slice(0, last);
  const [title, ...currencies] = cellsOf(head, 1);
  if (title !== 'Date')
    throw new StatementError(`The first column is ${quote(title ?? '')}, and should be “Date”.`, 1);
  if (currencies.length === 0) throw new StatementError('No currency has a column.', 1);
  currencies.forEach((currency) => checkCurrency(currency, 1));
  if (new Set(currencies).size !== currencies.length)
    throw new StatementError('A currency has two columns.', 1);
  rows.forEach((row, at) => {
    const line = at + 2;
    const [day = '', ...values] = cellsOf(row, line);
    if (values.length !== currencies.length)
      throw new StatementError(
        `The line has ${values.length} rates, and the head names ${currencies.length} currencies.`,
        line,
      );
    rates.begin(dayOf(day), line);
    values.forEach((value, column) => {
      if (value !== NONE) rates.add(currencies[column] ?? '', value, line);
    });
  });
  return rates.all(last);
}

/** The cells of a line without the blanks around them; each line ends with a comma, or without one. */
function cellsOf(text: string, line: number): string[] {
  if (text.length > MOST_CHARACTERS)
    throw new StatementError(`The line is longer than ${MOST_CHARACTERS} characters.`, line);
  const cells = text.split(',').map((cell) => cell.trim());
  if (cells.at(-1) === '') cells.pop();
  if (cells.length > MOST_CURRENCIES)
    throw new StatementError(`The line has more than ${MOST_CURRENCIES} cells.`, line);
  return cells;
}

/** `13 April 2026` as `2026-04-13`; everything else stays as it is, to be held to the form of a day. */
function dayOf(text: string): string {
  const [, day = '', month = '', year = ''] = /^([0-9]{1,2}) ([A-Z][a-z]+) ([0-9]{4})$/.exec(text) ?? [];
  const at = MONTHS.indexOf(month);
  return at === -1 ? text : `${year}-${String(at + 1).padStart(2, '0')}-${day.padStart(2, '0')}`;
}
