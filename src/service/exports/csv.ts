import { plainText } from './plain-text.ts';

/** Cells as a line of RFC 4180. Other people's text in them has gone through csvText. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.join(',')}\r\n`;
}

/** Letters, digits, blanks and what else means nothing to a spreadsheet: most of what is written. */
const HARMLESS = /^(?:[A-Za-z0-9_][A-Za-z0-9_ .:/()-]*)?$/;
const FORMULA = '[=+\\-@＝＋－＠]';
const FORMULA_AT_START = new RegExp(`^\\s*${FORMULA}`, 'u');
/** Programs that part fields at `;` or `|` see a new cell there. */
const FORMULA_AFTER_SEPARATOR = new RegExp(`([;|]\\s*)(?=${FORMULA})`, 'gu');

/**
 * Text as a cell: hidden characters visible, so that it is on one line, and with an apostrophe before what a spreadsheet
 * would take for a formula (https://owasp.org/www-community/attacks/CSV_Injection, ASVS 5.0 V1.2.10), also after blanks
 * and in fullwidth. The exact text is in the jsonl format.
 */
export function csvText(value: string): string {
  if (HARMLESS.test(value)) return value;
  const plain = plainText(value).replace(FORMULA_AFTER_SEPARATOR, "$1'");
  const text = FORMULA_AT_START.test(plain) ? `'${plain}` : plain;
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
