import { Refusal } from '../core/contract/refusals.ts';

/**
 * Reads a day (`2026-11-01`, in the local zone unless an `offset` such as `+02:00` is given) or an RFC 3339 time and
 * returns an RFC 3339 time in UTC. A day stands for its first instant, or for the first one after it when the whole day is
 * to be inside: `end`.
 * Throws `usage_invalid` naming the flag.
 */
export function readDay(text: string, flag: string, end = false, offset?: string): string {
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const [year, month, date] = (day ?? []).slice(1).map(Number);
  if (year !== undefined && month !== undefined && date !== undefined) {
    const exists = new Date(year, month - 1, date);
    if (exists.getMonth() === month - 1 && exists.getDate() === date && exists.getFullYear() === year) {
      const last = end ? date + 1 : date;
      if (offset === undefined) return new Date(year, month - 1, last).toISOString();
      const midnight = Date.parse(`1970-01-01T00:00:00${offset}`);
      return new Date(Date.UTC(year, month - 1, last) + midnight).toISOString();
    }
  }
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
    ? Date.parse(text)
    : NaN;
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new Refusal('usage_invalid', {
    reason: `${flag} takes a day such as 2026-11-01 or a time such as 2026-11-01T09:30:00+01:00, not “${text}”.`,
  });
}
