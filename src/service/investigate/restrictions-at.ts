import type { Output } from '../../core/contract/operations.ts';
import type { RestrictionRow } from '../store/restrictions.ts';

/** Of all restrictions an account was ever under, those that were in force at an instant in RFC 3339. */
export function restrictionsAt(
  all: readonly RestrictionRow[],
  at: string,
): Output<'look-at-account'>['restrictions'] {
  const ended = ({ liftedAt, expiresAt }: RestrictionRow) =>
    [liftedAt, expiresAt].some((end) => end !== null && end <= at);
  return all
    .filter((each) => each.madeAt <= at && !ended(each))
    .map(({ id, capability, reason, madeAt, expiresAt }) => ({
      id,
      capability,
      reason,
      since: madeAt,
      ...(expiresAt === null ? {} : { until: expiresAt }),
    }));
}
