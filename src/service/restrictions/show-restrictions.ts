import type { Output } from '../../core/contract/operations.ts';
import type { RestrictionRow } from '../store/restrictions.ts';
import type { UserRow } from '../store/users.ts';

type Restriction = Output<'lift-restriction'>;

/** A restriction for staff. */
export function showRestriction(row: RestrictionRow): Restriction {
  return {
    id: row.id,
    capability: row.capability as Restriction['capability'],
    reason: row.reason,
    inFlight: row.inFlight as Restriction['inFlight'],
    madeBy: row.madeBy,
    madeAt: row.madeAt,
    ...(row.expiresAt === null ? {} : { expiresAt: row.expiresAt }),
    ...(row.liftedBy === null ? {} : { liftedBy: row.liftedBy }),
    ...(row.liftedAt === null ? {} : { liftedAt: row.liftedAt }),
    ...(row.liftReason === null ? {} : { liftReason: row.liftReason }),
  };
}

/** A holder with restrictions of theirs, for staff. */
export function showRestrictions(
  holder: UserRow,
  rows: readonly RestrictionRow[],
): Output<'restrict-account'> {
  const { id, displayName: name } = holder;
  return { holder: { id, name }, restrictions: rows.map(showRestriction) };
}
