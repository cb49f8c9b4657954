import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import { limitsOf } from './limit.ts';

/** A level with its limits, for staff. */
export function showLevel({
  name,
  limits,
}: {
  readonly name: string;
  readonly limits: string | null;
}): Output<'set-limit'> {
  return {
    level: name,
    limits: limitsOf(limits).map(({ direction, per, most, currency }) => ({
      direction,
      per,
      most: toWire(most, currency),
    })),
  };
}
