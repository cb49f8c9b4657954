import type { Output } from '../../core/contract/operations.ts';
import type { CaseMessageRow, CaseRow } from '../store/cases.ts';
import type { Reader } from '../store/engine/engine.ts';
import { colleaguesOf } from './colleagues.ts';

/** A case as its holder sees it. */
export function describeCase({ id, title, state, openedAt, closedAt }: CaseRow): Output<'open-case'> {
  return { id, title, state, openedAt, ...(closedAt === null ? {} : { closedAt }) };
}

/** One case as staff see it, with who looks after it. */
export async function describeStaffCase(db: Reader, row: CaseRow): Promise<Output<'assign-case'>> {
  const colleague = await colleaguesOf(db, row.assignedTo === null ? [] : [row.assignedTo]);
  return ofStaff(row, colleague);
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
  return cases.map((row) => ofStaff(row, colleague));
}

function ofStaff(row: CaseRow, colleague: Awaited<ReturnType<typeof colleaguesOf>>): Output<'assign-case'> {
  return {
    ...describeCase(row),
    holder: row.userId,
    openedByStaff: row.openedBy !== row.userId,
    ...(row.assignedTo === null ? {} : { assignedTo: colleague(row.assignedTo) }),
  };
}

/** Who wrote a message, as its holder sees it: staff have no names in it. */
export function sideOf({ fromStaff }: Pick<CaseMessageRow, 'fromStaff'>): 'support' | 'holder' {
  return fromStaff === 1n ? 'support' : 'holder';
}
