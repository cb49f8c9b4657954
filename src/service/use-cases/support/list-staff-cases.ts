import { recordLooks } from '../../audit-log/record-looks.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import { casesOf } from '../../store/cases.ts';
import { describeStaffCases } from '../../support/describe-case.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** Cases, newest first: what is to be done, with the titles and no more of what holders wrote. */
export const listStaffCases: UseCase<'list-staff-cases'> = async (deps, actor, input) => {
  checkCursorOf(input.cursor, 'case');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await casesOf(deps.engine, {
    state: input.state,
    assignee: input.assignee === 'me' ? actor.user : input.assignee,
    before: input.cursor,
    limit: limit + 1,
  });
  const { page, next } = pageOf(rows, limit);
  await recordLooks(deps, actor, [{ action: 'cases-listed', facts: { shown: String(page.length) } }]);
  return { cases: await describeStaffCases(deps.engine, page), ...next };
};
