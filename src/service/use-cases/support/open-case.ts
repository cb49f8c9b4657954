import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { insertCase } from '../../store/cases.ts';
import { addHolderMessage, checkOpenCases } from '../../support/messages.ts';
import type { UseCase } from '../use-case.ts';

/** Asks support for help. Throws `cases_too_many`. */
export const openCase: UseCase<'open-case'> = async (deps, actor, { title, text }) => {
  const openedAt = timestamp(deps.now());
  const { user } = actor;
  const opened = { id: deps.newId('case'), userId: user, title, assignedTo: null, openedBy: user, openedAt };
  await deps.engine.transact(async (tx) => {
    await checkOpenCases(tx, user);
    await insertCase(tx, opened);
    const message = await addHolderMessage(tx, deps, opened, text);
    await record(tx, deps, actor, { action: 'case-opened', object: opened.id, facts: { message } });
  });
  return { id: opened.id, title, state: 'open', openedAt };
};
