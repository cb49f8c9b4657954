import { Refusal } from '../core/contract/refusals.ts';
import { timestamp } from './deps.ts';
import type { Period } from './store/pages.ts';

/**
 * From `since` on and before `until`, as times are stored, which is in UTC; those given may carry any offset. Throws
 * `input_invalid` for a period that is none.
 */
export function periodOf({ since, until }: Period): Period {
  checkSpan(since, until);
  return { since: inUtc(since), until: inUtc(until) };
}

function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : timestamp(Date.parse(time));
}

/** Refuses a span of time that ends before it begins. Times are in RFC 3339, with any offset. */
export function checkSpan(since: string | undefined, until: string | undefined): void {
  if (since === undefined || until === undefined || Date.parse(since) < Date.parse(until)) return;
  throw new Refusal('input_invalid', { field: 'until', reason: 'must be later than since' });
}
