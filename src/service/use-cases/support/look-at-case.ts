import { Refusal } from '../../../core/contract/refusals.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { describeMasked } from '../../identity/describe-masked.ts';
import { caseById, messagesOf } from '../../store/cases.ts';
import { userById } from '../../store/users.ts';
import { colleaguesOf } from '../../support/colleagues.ts';
import { describeCase, sideOf } from '../../support/describe-case.ts';
import type { UseCase } from '../use-case.ts';

/** A case with its messages and who wrote each. Throws `not_found`. */
export const lookAtCase: UseCase<'look-at-case'> = async (deps, actor, { case: id, reason }) => {
  const { engine } = deps;
  const found = await caseById(engine, id);
  const holder = found && (await userById(engine, found.userId));
  if (!holder) throw new Refusal('not_found', { thing: 'case', id });
  const messages = await messagesOf(engine, id);
  const people = [...messages.map(({ author }) => author), ...(found.assignedTo ? [found.assignedTo] : [])];
  const colleague = await colleaguesOf(engine, people);
  await recordLooks(deps, actor, looksAt([holder.id], { action: 'case-looked-at', object: id, reason }));
  return {
    ...describeCase(found),
    holder: describeMasked(holder),
    openedByStaff: found.openedBy !== found.userId,
    ...(found.assignedTo === null ? {} : { assignedTo: colleague(found.assignedTo) }),
    ...(found.closeReason === null ? {} : { closeReason: found.closeReason }),
    messages: messages.map((message) => ({
      id: message.id,
      at: message.createdAt,
      from: sideOf(message),
      author: colleague(message.author).name,
      text: message.text,
    })),
  };
};
