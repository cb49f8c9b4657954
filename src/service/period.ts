import { Refusal } from '../core/contract/refusals.ts';
import { timestamp } from './deps.ts';
import type { Period } from './store/pages.ts';

/**
 * From `since` on and before `until`, as times are stored, which is in UTC; those given may carry any offset. Throws
 * `input_invalid` for a period that is none.
 */
export function periodOf({ since, until }: Period): Period {
  const stored = { since: inUtc(since), until: inUtc(until) };
  if (stored.since !== undefined && stored.until !== undefined && stored.since >= stored.until)
    throw new Refusal('input_invalid', { field: 'until', reason: 'must be later than since' });
  return stored;
}

function inUtc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : timestamp(Date.parse(time));
}
