import { stateAfter as approvalAfter } from '../approvals/moves.ts';
import { timestamp, type Deps } from '../deps.ts';
import { approvalById, moveApproval } from '../store/approvals.ts';
import type { Writer } from '../store/engine/engine.ts';
import {
  updateWithdrawal,
  withdrawalById,
  withdrawalsToCancel,
  type WithdrawalRow,
} from '../store/withdrawals.ts';
import { followWithdrawal } from './follow.ts';
import { stateAfter, type Ending } from './moves.ts';

/**
 * Ends a withdrawal that has not gone to a bank yet. What is already on its way to an end, or to a bank, goes on. Gives how it
 * stands then.
 */
export async function callBack(deps: Deps, found: WithdrawalRow, ending: Ending): Promise<WithdrawalRow> {
  const at = timestamp(deps.now());
  await deps.engine.transact(async (tx) => {
    const row = await withdrawalById(tx, found.id);
    if (!row || row.ending !== null || stateAfter(row.state, ending.event) === undefined) return;
    await updateWithdrawal(tx, { ...row, ending: JSON.stringify(ending), dueAt: at });
    if (row.approval !== null) await stopApproval(tx, row.approval, at);
  });
  return (await followWithdrawal(deps, found.id)) ?? found;
}

/** Nobody needs to decide on it any more. */
async function stopApproval(tx: Writer, id: string, at: string): Promise<void> {
  const approval = await approvalById(tx, id);
  const state = approval && approvalAfter(approval.state, 'stop');
  if (approval && state !== undefined)
    await moveApproval(tx, { ...approval, state, dueAt: null, endedAt: at }, approval.state);
}

/** Calls back all that a holder has asked for and no bank has yet, as a restriction wants it. */
export async function callBackAll(deps: Deps, user: string, by: string): Promise<void> {
  for (const row of await withdrawalsToCancel(deps.engine, user)) {
    await followWithdrawal(deps, row.id);
    await callBack(deps, row, { event: 'cancel', by, reason: 'The account is restricted.' });
  }
}
