import { messagesOf } from '../../store/cases.ts';
import { describeCase, sideOf } from '../../support/describe-case.ts';
import { findOwnCase } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** One of the holder's cases with its messages; staff have no names in it. Throws `not_found`. */
export const getCase: UseCase<'get-case'> = async ({ engine }, actor, input) => {
  const found = await findOwnCase(engine, actor, input.case);
  const messages = await messagesOf(engine, found.id);
  return {
    ...describeCase(found),
    messages: messages.map((message) => ({
      id: message.id,
      at: message.createdAt,
      from: sideOf(message),
      text: message.text,
    })),
  };
};
