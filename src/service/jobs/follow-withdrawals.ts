import type { Deps } from '../deps.ts';
import { batchesToClose, putOffBatch } from '../store/withdrawal-batches.ts';
import { putOffWithdrawal, withdrawalsToFollow } from '../store/withdrawals.ts';
import { finishBatch } from '../withdrawals/batch.ts';
import { followWithdrawal } from '../withdrawals/follow.ts';
import { runDue } from './run-due.ts';

/**
 * Goes on with withdrawals whose rows do not say yet what the book says, or the other way round, and with batches that were
 * being put together, where whoever did that was cut short. See runDue.
 */
export async function followWithdrawals(
  deps: Deps,
  claim: () => Promise<boolean>,
): Promise<string | undefined> {
  const nextBatch = await runDue(deps, claim, {
    rows: (limit) => batchesToClose(deps.engine, limit),
    run: (id) => finishBatch(deps, id),
    failed: (batch, stack) => deps.log.error('batch_failed', { batch, stack }),
    putOff: (id, until) => deps.engine.transact((tx) => putOffBatch(tx, id, until)),
  });
  const next = await runDue(deps, claim, {
    rows: (limit) => withdrawalsToFollow(deps.engine, limit),
    run: async (id) => void (await followWithdrawal(deps, id)),
    failed: (withdrawal, stack) => deps.log.error('withdrawal_failed', { withdrawal, stack }),
    putOff: (id, until) => deps.engine.transact((tx) => putOffWithdrawal(tx, id, until)),
  });
  const times = [nextBatch, next].filter((time) => time !== undefined);
  return times.sort()[0];
}
