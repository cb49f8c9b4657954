import { Refusal } from '../core/contract/refusals.ts';

/** `1.25` percent is 125 hundredths of a percent; digits only, so that nothing is ever rounded. Throws `usage_invalid`. */
export function basisPointsOf(percent: string, name: string): number {
  const match = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(percent);
  if (!match)
    throw new Refusal('usage_invalid', {
      reason: `${name} takes a number such as 1.25, with at most two decimals.`,
    });
  return Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0'));
}
