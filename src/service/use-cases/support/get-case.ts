import { messagesOf } from '../../store/cases.ts';
import { describeCase } from '../../support/describe-case.ts';
import { findOwnCase } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** One of the holder's cases with its messages; staff have no names in it. Throws `not_found`. */
export const getCase: UseCase<'get-case'> = async ({ engine }, actor, input) => {
  const found = await findOwnCase(engine, actor, input.case);
  const messages = await messagesOf(engine, found.id);
  return {
    ...describeCase(found),
    messages: messages.map(({ id, createdAt: at, fromStaff, text }) => ({
      id,
      at,
      from: fromStaff === 1n ? ('support' as const) : ('holder' as const),
      text,
    })),
  };
};
