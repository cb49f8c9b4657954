import type { Output } from '../../core/contract/operations.ts';
import type { SpreadRow } from '../store/spreads.ts';

/** A version of a spread for the wire. */
export function showSpread({ id, one, other, basisPoints, effectiveFrom }: SpreadRow): Output<'set-spread'> {
  const pair = one === '' ? {} : { one, other };
  return { id, ...pair, basisPoints: Number(basisPoints), effectiveFrom };
}
