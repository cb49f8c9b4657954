import { Refusal } from '../../core/contract/refusals.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type Deps, type AccountActor } from '../deps.ts';
import { checkRank } from '../staff/ranks.ts';
import { approvalById, moveApproval, type ApprovalRow } from '../store/approvals.ts';
import type { Writer } from '../store/engine/engine.ts';
import { userById, type UserRow } from '../store/users.ts';
import { markDueByApproval } from '../store/withdrawals.ts';
import { rulesOf } from './acts.ts';
import { concerned } from './approval.ts';
import { stateAfter } from './moves.ts';

/**
 * Decides on what somebody else asked for. Not who asked, whatever their role is by now, and nobody whose account it
 * touches (OWASP ASVS 5.0, V2.3.5). Throws `not_found`, `four_eyes`, `staff_self`, `role_insufficient`,
 * `approval_decided`.
 */
export async function decide(
  deps: Deps,
  actor: AccountActor,
  { approval: id, reason }: { readonly approval: string; readonly reason: string },
  event: 'approve' | 'refuse',
): Promise<{ row: ApprovalRow; holder: UserRow }> {
  return deps.engine.transact(async (tx) => {
    const { row, holder } = await approvalWithHolder(tx, id);
    checkMayDecide(actor, row, holder);
    const now = deps.now();
    const isOver = row.state === 'asked' && (row.dueAt ?? '') <= timestamp(now);
    const state = isOver ? undefined : stateAfter(row.state, event);
    if (state === undefined)
      throw new Refusal('approval_decided', { id, state: isOver ? 'expired' : row.state });
    const decided = {
      ...row,
      state,
      decidedBy: actor.user,
      decidedAt: timestamp(now),
      decisionReason: reason,
    };
    const runsAt = timestamp(now + rulesOf(row.act).delayMs);
    const moved: ApprovalRow =
      event === 'approve'
        ? { ...decided, runsAt, dueAt: runsAt }
        : { ...decided, runsAt: null, dueAt: null, endedAt: timestamp(now) };
    await moveApproval(tx, moved, row.state);
    // A withdrawal follows what was decided.
    await markDueByApproval(tx, id, timestamp(now));
    await record(tx, deps, actor, {
      action: event === 'approve' ? 'act-approved' : 'act-refused',
      subject: row.subject,
      object: id,
      reason,
      facts: { act: row.act },
    });
    return { row: moved, holder };
  });
}

/** Something that two people decide, and the holder it is about. Throws `not_found`. */
export async function approvalWithHolder(
  db: Pick<Writer, 'all' | 'one'>,
  id: string,
): Promise<{ row: ApprovalRow; holder: UserRow }> {
  const row = await approvalById(db, id);
  const holder = row && (await userById(db, row.subject));
  if (!holder) throw new Refusal('not_found', { thing: 'approval', id });
  return { row, holder };
}

function checkMayDecide(actor: AccountActor, row: ApprovalRow, holder: UserRow): void {
  if (row.askedBy === actor.user) throw new Refusal('four_eyes');
  if (concerned(row).includes(actor.user)) throw new Refusal('staff_self');
  checkRank(actor.role, rulesOf(row.act).approvedBy);
  if (holder.role !== null) checkRank(actor.role, holder.role);
}
