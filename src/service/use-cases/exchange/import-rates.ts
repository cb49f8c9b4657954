import { Refusal } from '../../../core/contract/refusals.ts';
import { readRates, RATES_BYTES } from '../../rails/read-rates.ts';
import { readingRates } from '../../rates-of-exchange/reading-rates.ts';
import { takeRates } from '../../rates-of-exchange/take-rates.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Takes a file of reference rates of the European Central Bank, daily or historical, XML or CSV; whole, or not at all.
 * Throws `rates_invalid` with the line and the reason, `body_too_large`.
 */
export const importRates: UseCase<'import-rates'> = async (deps, actor, { goodForHours }, { body }) => {
  const bytes = await bytesOf(body);
  return readingRates(() => takeRates(deps, actor, readRates(bytes), goodForHours));
};

async function bytesOf(body: AsyncIterable<Uint8Array> | undefined): Promise<Uint8Array> {
  if (!body)
    throw new Refusal('input_invalid', { field: 'body', reason: 'must be the bytes of a file of rates' });
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body) {
    size += piece.length;
    if (size > RATES_BYTES) throw new Refusal('body_too_large', { limit: String(RATES_BYTES) });
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}
