import { checkCursorOf, pageOf } from '../../page.ts';
import { withdrawals } from '../../store/withdrawals.ts';
import { showAll } from '../../withdrawals/of-holder.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 20;

/** The holder's withdrawals, newest first. */
export const listWithdrawals: UseCase<'list-withdrawals'> = async ({ engine }, actor, input) => {
  checkCursorOf(input.cursor, 'withdrawal');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const { state, cursor: before } = input;
  const rows = await withdrawals(engine, { user: actor.user, state, before, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  return { withdrawals: await showAll(engine, page), ...next };
};
