import { timestamp } from '../../deps.ts';
import { showRate } from '../../rates-of-exchange/show-rate.ts';
import { ratesAt } from '../../store/rates.ts';
import type { UseCase } from '../use-case.ts';

/** The rates in force, one for a currency: where each is from, of when, and until when prices are made of it. */
export const listRates: UseCase<'list-rates'> = async ({ engine, now }) => {
  const at = timestamp(now());
  return { rates: (await ratesAt(engine, at)).map((row) => showRate(row, at)) };
};
