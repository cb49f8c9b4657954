import { record } from '../../audit-log/record.ts';
import { reopenCase } from '../../store/cases.ts';
import { describeCase } from '../../support/describe-case.ts';
import { findOwnCase } from '../../support/find-case.ts';
import { addHolderMessage, checkOpenCases } from '../../support/messages.ts';
import type { UseCase } from '../use-case.ts';

/** Writes to one of the holder's cases, which opens it again when it was closed. Throws `not_found`, `case_full`. */
export const replyToCase: UseCase<'reply-to-case'> = async (deps, actor, { case: id, text }) =>
  deps.engine.transact(async (tx) => {
    const found = await findOwnCase(tx, actor, id);
    if (found.state === 'closed') {
      await checkOpenCases(tx, actor.user);
      await reopenCase(tx, id);
      await record(tx, deps, actor, { action: 'case-reopened', object: id });
    }
    const message = await addHolderMessage(tx, deps, found, text);
    await record(tx, deps, actor, { action: 'case-replied', object: id, facts: { message } });
    return describeCase({ ...found, state: 'open', closedAt: null });
  });
