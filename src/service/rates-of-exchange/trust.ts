import { fractionOfDecimal } from './fraction.ts';

/**
 * How far a rate may be from the last one that more than one person answers for, in hundredths of a percent. Whoever sets rates
 * can also change money: what one person sets by hand stays so near that the usual spread eats half of what could be gained,
 * and what comes as a file of a central bank moves in a day as markets do.
 */
export const BY_HAND_BASIS_POINTS = 100n;
export const BY_FILE_BASIS_POINTS = 1_000n;

/** Whether two rates (plain decimals) are no further apart than so many hundredths of a percent, up or down alike. */
export function isNear(one: string, other: string, basisPoints: bigint): boolean {
  const [a, b] = [fractionOfDecimal(one), fractionOfDecimal(other)];
  const [left, right] = [a.numerator * b.denominator, b.numerator * a.denominator];
  const [less, more] = left < right ? [left, right] : [right, left];
  return more * 10_000n <= less * (10_000n + basisPoints);
}
