import { Refusal } from '../../core/contract/refusals.ts';
import { StatementError } from '../rails/statement-error.ts';

/** Does what reads a file of rates; a file that is not sound becomes `rates_invalid`, with the line and the reason. */
export async function readingRates<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new Refusal('rates_invalid', { line: String(error.line), reason: error.reason });
  }
}
