import type { Currency } from '../../core/money.ts';
import { timestamp, type Deps } from '../deps.ts';
import type { NewRate } from '../store/rates.ts';
import { BASE } from './rate-between.ts';

const HOUR_MS = 3_600_000;
const SOURCE = 'set by the operator';

/** A rate that is set by hand, from now on. `alone` says whether one person did it. */
export function rateByHand(
  { newId, now }: Pick<Deps, 'newId' | 'now'>,
  what: {
    readonly currency: Currency;
    readonly rate: string;
    readonly goodForHours: number;
    readonly alone: boolean;
    readonly by: string;
  },
): NewRate {
  const at = timestamp(now());
  return {
    id: newId('rate'),
    base: BASE,
    currency: what.currency,
    rate: what.rate,
    at,
    goodUntil: timestamp(now() + what.goodForHours * HOUR_MS),
    source: SOURCE,
    alone: what.alone ? 1n : 0n,
    addedAt: at,
    addedBy: what.by,
  };
}
