import { Refusal } from '../../../core/contract/refusals.ts';
import { fetchRates as fetchFile } from '../../rails/fetch-rates.ts';
import { readRates } from '../../rails/read-rates.ts';
import { readingRates } from '../../rates-of-exchange/reading-rates.ts';
import { takeRates } from '../../rates-of-exchange/take-rates.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Takes the file of reference rates at the address that the operator configured. Throws `rates_unconfigured`,
 * `rates_unreachable`, `rates_invalid`.
 */
export const fetchRates: UseCase<'fetch-rates'> = async (deps, actor, { goodForHours }) => {
  if (deps.ratesUrl === undefined) throw new Refusal('rates_unconfigured');
  const bytes = await fetchFile(deps.ratesUrl);
  return readingRates(async () => takeRates(deps, actor, readRates(bytes), goodForHours));
};
