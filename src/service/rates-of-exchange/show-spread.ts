import type { Output } from '../../core/contract/operations.ts';
import type { SpreadRow } from '../store/spreads.ts';

/** A version of a spread for the wire. */
export function showSpread({ id, one, other, basisPoints, effectiveFrom }: SpreadRow): Output<'set-spread'> {
  const between = one === '' ? {} : { between: [one, other] };
  return { id, ...between, basisPoints: Number(basisPoints), effectiveFrom };
}
