import { checkCursorOf, pageOf } from '../../page.ts';
import { casesOf } from '../../store/cases.ts';
import { describeCase } from '../../support/describe-case.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 20;

/** The holder's cases, newest first. */
export const listCases: UseCase<'list-cases'> = async ({ engine }, { user }, input) => {
  checkCursorOf(input.cursor, 'case');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await casesOf(engine, { user, state: input.state, before: input.cursor, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  return { cases: page.map(describeCase), ...next };
};
