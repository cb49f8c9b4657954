import { showApproval } from '../../approvals/approval.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import { approvals } from '../../store/approvals.ts';
import { partiesByIds } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** What two people decide, newest first: what waits, and what came of the rest. */
export const listApprovals: UseCase<'list-approvals'> = async ({ engine }, _actor, input) => {
  checkCursorOf(input.cursor, 'approval');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await approvals(engine, { state: input.state, before: input.cursor, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  const parties = await partiesByIds(
    engine,
    page.map(({ subject }) => subject),
  );
  const holders = new Map(parties.map((party) => [party.id, party]));
  return {
    approvals: page.map((row) =>
      showApproval(row, holders.get(row.subject) ?? { id: row.subject, displayName: '' }),
    ),
    ...next,
  };
};
