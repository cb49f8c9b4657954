import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { assignCase as assign } from '../../store/cases.ts';
import { describeStaffCases } from '../../support/describe-case.ts';
import { findCaseOfOther } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** Roles that may not work on a case. */
const CANNOT = ['viewer', null];

/**
 * Gives a case to a member of staff who may work on it: `me`, or one by id, e-mail address or phone number. Throws
 * `not_found`, `input_invalid`, `staff_own_account`.
 */
export const assignCase: UseCase<'assign-case'> = async (deps, actor, { case: id, to, reason }) =>
  deps.engine.transact(async (tx) => {
    const found = await findCaseOfOther(tx, actor, id);
    const assignee = await findHolder(tx, to === 'me' ? actor.user : to);
    if (CANNOT.includes(assignee.role)) {
      throw new Refusal('input_invalid', {
        field: 'to',
        reason: 'is nobody of the staff who works on cases',
      });
    }
    if (assignee.id === found.userId) throw new Refusal('staff_own_account');
    await assign(tx, id, assignee.id);
    await record(tx, deps, actor, {
      action: 'case-assigned',
      subject: found.userId,
      object: id,
      reason,
      facts: { to: assignee.id },
    });
    const [described] = await describeStaffCases(tx, [{ ...found, assignedTo: assignee.id }]);
    return described!;
  });
