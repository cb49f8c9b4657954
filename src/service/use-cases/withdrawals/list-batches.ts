import { checkCursorOf, pageOf } from '../../page.ts';
import { closedBatches } from '../../store/withdrawal-batches.ts';
import { showBatch } from '../../withdrawals/show.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** Batches, newest first. */
export const listBatches: UseCase<'list-batches'> = async ({ engine }, _actor, input) => {
  checkCursorOf(input.cursor, 'batch');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await closedBatches(engine, { before: input.cursor, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
  return { batches: page.map(showBatch), ...next };
};
