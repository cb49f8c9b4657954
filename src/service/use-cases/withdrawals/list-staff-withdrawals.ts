import { recordLooks } from '../../audit-log/record-looks.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import { withdrawals } from '../../store/withdrawals.ts';
import { showAllToStaff } from '../../withdrawals/for-staff.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** Withdrawals of all holders, newest first. */
export const listStaffWithdrawals: UseCase<'list-staff-withdrawals'> = async (deps, actor, input) => {
  checkCursorOf(input.cursor, 'withdrawal');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const { state, batch, cursor: before } = input;
  const rows = await withdrawals(deps.engine, { state, batch, before, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  await recordLooks(deps, actor, [{ action: 'withdrawals-listed', facts: { shown: String(page.length) } }]);
  return { withdrawals: await showAllToStaff(deps.engine, page), ...next };
};
