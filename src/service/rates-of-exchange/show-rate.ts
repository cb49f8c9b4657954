import type { Output } from '../../core/contract/operations.ts';
import { isDoubted, type NewRate } from '../store/rates.ts';

/** A rate for the wire; `now` decides whether prices may still be made of it. */
export function showRate(row: NewRate, now: string): Output<'list-rates'>['rates'][number] {
  const { id, base, currency, rate, source, at, goodUntil, addedAt, addedBy } = row;
  const state = isDoubted(row) ? 'doubted' : now <= goodUntil ? 'good' : 'stale';
  return { id, base, currency, rate, source, at, goodUntil, state, addedAt, addedBy };
}
