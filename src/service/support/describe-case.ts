import type { Output } from '../../core/contract/operations.ts';
import type { CaseRow } from '../store/cases.ts';
import type { Reader } from '../store/engine/engine.ts';
import { colleaguesOf } from './colleagues.ts';

/** A case as its holder sees it. */
export function describeCase({ id, title, state, openedAt, closedAt }: CaseRow): Output<'open-case'> {
  return { id, title, state, openedAt, ...(closedAt === null ? {} : { closedAt }) };
}

/** Cases as staff see them, with who looks after each. */
export async function describeStaffCases(
  db: Reader,
  cases: readonly CaseRow[],
): Promise<Output<'assign-case'>[]> {
  const colleague = await colleaguesOf(
    db,
    cases.flatMap(({ assignedTo }) => assignedTo ?? []),
  );
  return cases.map((row) => ({
    ...describeCase(row),
    holder: row.userId,
    openedByStaff: row.openedBy !== row.userId,
    ...(row.assignedTo === null ? {} : { assignedTo: colleague(row.assignedTo) }),
  }));
}
