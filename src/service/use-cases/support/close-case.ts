import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { haveMailed } from '../../have-mailed.ts';
import { closeCase as close } from '../../store/cases.ts';
import { describeStaffCase } from '../../support/describe-case.ts';
import { findCaseOfOther } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** Closes a case and tells its holder; one that is closed stays so. Throws `not_found`, `staff_self`. */
export const closeCase: UseCase<'close-case'> = async (deps, actor, { case: id, reason }) =>
  deps.engine.transact(async (tx) => {
    const found = await findCaseOfOther(tx, actor, id);
    const closedAt = timestamp(deps.now());
    const isClosed = await close(tx, id, closedAt, reason);
    if (isClosed) {
      await record(tx, deps, actor, { action: 'case-closed', subject: found.userId, object: id, reason });
      await haveMailed(tx, deps, 'mail.case-closed', { user: found.userId, case: id });
    }
    const now = isClosed ? { ...found, state: 'closed' as const, closedAt } : found;
    return describeStaffCase(tx, now);
  });
