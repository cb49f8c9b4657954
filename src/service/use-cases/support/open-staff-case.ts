import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { insertCase, type CaseRow } from '../../store/cases.ts';
import { describeStaffCase } from '../../support/describe-case.ts';
import { checkNotOwn } from '../../support/find-case.ts';
import { addStaffMessage, checkOpenCases } from '../../support/messages.ts';
import type { UseCase } from '../use-case.ts';

/** Opens a case on an account and mails its holder what it is about; it belongs to whoever opens it. */
export const openStaffCase: UseCase<'open-staff-case'> = async (deps, actor, input) => {
  const { title, text, reason } = input;
  const holder = await findHolder(deps.engine, input.holder);
  checkNotOwn(actor.user, holder.id);
  const opened: CaseRow = {
    id: deps.newId('case'),
    userId: holder.id,
    title,
    state: 'open',
    assignedTo: actor.user,
    openedBy: actor.user,
    openedAt: timestamp(deps.now()),
    closedAt: null,
    closeReason: null,
  };
  return deps.engine.transact(async (tx) => {
    await checkOpenCases(tx, holder.id);
    await insertCase(tx, opened);
    const { message, proof } = await addStaffMessage(tx, deps, opened, {
      author: actor.user,
      text,
      opens: true,
    });
    await record(tx, deps, actor, {
      action: 'case-opened',
      subject: holder.id,
      object: opened.id,
      reason,
      facts: { message },
    });
    return { case: await describeStaffCase(tx, opened), message, proof };
  });
};
