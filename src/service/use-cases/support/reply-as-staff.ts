import { record } from '../../audit-log/record.ts';
import { reopenCase } from '../../store/cases.ts';
import { describeStaffCase } from '../../support/describe-case.ts';
import { findCaseOfOther } from '../../support/find-case.ts';
import { addStaffMessage } from '../../support/messages.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Writes to the holder of a case, by mail too, which opens it again when it was closed. Throws `not_found`, `case_full`,
 * `staff_self`.
 */
export const replyAsStaff: UseCase<'reply-as-staff'> = async (deps, actor, { case: id, text, reason }) =>
  deps.engine.transact(async (tx) => {
    const found = await findCaseOfOther(tx, actor, id);
    const about = { subject: found.userId, object: id, reason };
    if (await reopenCase(tx, id)) await record(tx, deps, actor, { ...about, action: 'case-reopened' });
    const { message, proof } = await addStaffMessage(tx, deps, found, {
      author: actor.user,
      text,
      opens: false,
    });
    await record(tx, deps, actor, { ...about, action: 'case-replied', facts: { message } });
    return { case: await describeStaffCase(tx, { ...found, state: 'open', closedAt: null }), message, proof };
  });
