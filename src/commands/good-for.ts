import { Refusal } from '../core/contract/refusals.ts';

/** Reads a span such as `12h` or `6d` as hours. Throws `usage_invalid` naming the flag. */
export function readHours(text: string, flag: string): number {
  const [, count = '', unit] = /^([1-9][0-9]{0,3})([hd])$/.exec(text) ?? [];
  if (count === '')
    throw new Refusal('usage_invalid', {
      reason: `${flag} takes hours or days, such as 12h or 6d, not “${text}”.`,
    });
  return Number(count) * (unit === 'd' ? 24 : 1);
}
