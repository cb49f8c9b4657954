import type { Output } from '../../core/contract/operations.ts';
import type { ApprovalRow } from '../store/approvals.ts';
import type { PartyRow } from '../store/users.ts';
import type { ActName } from './acts.ts';

/** In whose name what was decided is done. */
export const APPROVALS = 'system:approvals';

/** What exactly is to be done, or what came of it: texts by name. */
export type Facts = Readonly<Record<string, string>>;

/** What was asked for. */
export function inputOf({ input }: Pick<ApprovalRow, 'input'>): Facts {
  return JSON.parse(input) as Facts;
}

/** Every holder whose account it touches: none of them decides on it. */
export function concerned(row: Pick<ApprovalRow, 'subject' | 'input'>): string[] {
  const { from, to } = inputOf(row);
  return [row.subject, from, to].filter((id) => id !== undefined);
}

/** Something that two people decide, for staff; `holder` is who it is about. */
export function showApproval(
  row: ApprovalRow,
  holder: Pick<PartyRow, 'id' | 'displayName'>,
): Output<'get-approval'> {
  return {
    id: row.id,
    act: row.act as ActName,
    holder: { id: holder.id, name: holder.displayName },
    input: inputOf(row),
    reason: row.reason,
    state: row.state as Output<'get-approval'>['state'],
    askedBy: row.askedBy,
    askedAt: row.askedAt,
    ...(row.decidedBy === null ? {} : { decidedBy: row.decidedBy }),
    ...(row.decidedAt === null ? {} : { decidedAt: row.decidedAt }),
    ...(row.decisionReason === null ? {} : { decisionReason: row.decisionReason }),
    ...(row.runsAt === null ? {} : { runsAt: row.runsAt }),
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    ...(row.result === null ? {} : { result: JSON.parse(row.result) as Facts }),
  };
}
