import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { rankOf } from '../../staff/ranks.ts';
import { assignCase as assign } from '../../store/cases.ts';
import { describeStaffCase } from '../../support/describe-case.ts';
import { checkNotOwn, findCaseOfOther } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Gives a case to a member of staff who may work on it: `me`, or one by id, e-mail address or phone number. Throws
 * `not_found`, `input_invalid`, `staff_self`.
 */
export const assignCase: UseCase<'assign-case'> = async (deps, actor, { case: id, to, reason }) =>
  deps.engine.transact(async (tx) => {
    const found = await findCaseOfOther(tx, actor, id);
    const assignee = await findHolder(tx, to === 'me' ? actor.user : to);
    if (rankOf(assignee.role) < rankOf('support')) {
      throw new Refusal('input_invalid', {
        field: 'to',
        reason: 'is nobody of the staff who works on cases',
      });
    }
    checkNotOwn(assignee.id, found.userId);
    await assign(tx, id, assignee.id);
    await record(tx, deps, actor, {
      action: 'case-assigned',
      subject: found.userId,
      object: id,
      reason,
      facts: { to: assignee.id },
    });
    return describeStaffCase(tx, { ...found, assignedTo: assignee.id });
  });
