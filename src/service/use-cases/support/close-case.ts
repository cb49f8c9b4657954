import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { closeCase as close } from '../../store/cases.ts';
import { insertEvent } from '../../store/outbox.ts';
import { describeStaffCases } from '../../support/describe-case.ts';
import { findCaseOfOther } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** Closes a case and tells its holder; one that is closed stays so. Throws `not_found`, `staff_own_account`. */
export const closeCase: UseCase<'close-case'> = async (deps, actor, { case: id, reason }) =>
  deps.engine.transact(async (tx) => {
    const found = await findCaseOfOther(tx, actor, id);
    const closedAt = timestamp(deps.now());
    const isClosed = await close(tx, id, closedAt, reason);
    if (isClosed) {
      await record(tx, deps, actor, { action: 'case-closed', subject: found.userId, object: id, reason });
      await insertEvent(tx, {
        id: deps.newId('mail'),
        kind: 'mail.case-closed',
        payload: JSON.stringify({ user: found.userId, case: id }),
        runAt: closedAt,
      });
    }
    const now = isClosed ? { ...found, state: 'closed' as const, closedAt } : found;
    const [described] = await describeStaffCases(tx, [now]);
    return described!;
  });
