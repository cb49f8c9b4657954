import { timestamp } from '../../deps.ts';
import { DEFAULT_SPREAD } from '../../rates-of-exchange/exchange.ts';
import { showSpread } from '../../rates-of-exchange/show-spread.ts';
import { spreadsFrom } from '../../store/spreads.ts';
import type { UseCase } from '../use-case.ts';

/** What is kept when money is changed: the versions in force and those announced, and what holds where nothing was set. */
export const listSpreads: UseCase<'list-spreads'> = async ({ engine, now }) => {
  const at = timestamp(now());
  const rows = await spreadsFrom(engine, at);
  const isSet = rows.some(({ one, effectiveFrom }) => one === '' && effectiveFrom <= at);
  const byDefault = {
    id: 'default',
    one: '',
    other: '',
    basisPoints: DEFAULT_SPREAD,
    effectiveFrom: '1970-01-01T00:00:00.000Z',
  };
  return { spreads: [...(isSet ? [] : [byDefault]), ...rows].map(showSpread) };
};
