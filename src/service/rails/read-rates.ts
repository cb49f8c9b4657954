import { readRatesCsv } from './read-rates-csv.ts';
import { readRatesXml } from './read-rates-xml.ts';
import type { ReferenceRate } from './reference-rates.ts';
import { StatementError } from './statement-error.ts';

/** The most bytes of a file of rates: all since 1999 as XML are less. */
export const RATES_BYTES = 16_777_216;

/**
 * Reads a file of reference rates of the European Central Bank, XML or CSV, by what it begins with. The rates are in the
 * order of the file. Throws StatementError for whatever is not such a file, whole and sound.
 */
export function readRates(bytes: Uint8Array): readonly ReferenceRate[] {
  return beginsWithTag(bytes) ? readRatesXml(bytes) : readRatesCsv(textOf(bytes));
}

function beginsWithTag(bytes: Uint8Array): boolean {
  const head = new TextDecoder('latin1').decode(bytes.subarray(0, 64)).replace(/^\u00ef\u00bb\u00bf/, '');
  return head.trimStart().startsWith('<');
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new StatementError('The file is not text in UTF-8.', 1);
  }
}
