import type { Action } from '../../core/contract/actions.ts';
import { inNameOf, record } from '../audit-log/record.ts';
import { timestamp, type Deps } from '../deps.ts';
import { rankOf } from '../staff/ranks.ts';
import { approvalById, moveApproval, type ApprovalRow } from '../store/approvals.ts';
import type { Writer } from '../store/engine/engine.ts';
import { userById } from '../store/users.ts';
import { markDueByApproval } from '../store/withdrawals.ts';
import { rulesOf, type ActName } from './acts.ts';
import { APPROVALS } from './approval.ts';
import { adjust } from './do/adjust.ts';
import type { Done } from './do/done.ts';
import { resetFactor } from './do/reset-factor.ts';
import { reverse } from './do/reverse.ts';
import { returnSuspense } from './do/return-suspense.ts';
import { setRate } from './do/set-rate.ts';
import { unlock } from './do/unlock.ts';
import { letWithdraw } from './do/withdrawal.ts';
import { stateAfter, type ApprovalEvent } from './moves.ts';

/** Does an act, or says why it cannot be done; once, however often it is begun. */
const DO: Readonly<Record<ActName, (deps: Deps, row: ApprovalRow) => Promise<Done>>> = {
  unlock,
  'factor-reset': resetFactor,
  adjustment: adjust,
  reversal: reverse,
  withdrawal: letWithdraw,
  rate: setRate,
  'suspense-return': returnSuspense,
};

/**
 * Goes on with what is due: lets what nobody decided on expire, and does what was approved and has waited. It is marked
 * as begun before: from then on it can only end, and is gone on with when the process dies in the middle.
 */
export async function runApproval(deps: Deps, id: string): Promise<void> {
  const row = await deps.engine.transact((tx) => begin(tx, deps, id));
  if (!row) return;
  const done = await DO[row.act as ActName](deps, row);
  await deps.engine.transact(async (tx) => {
    const event = 'failed' in done ? 'fail' : 'finish';
    const result = 'failed' in done ? { code: done.failed.code, ...done.failed.facts } : done.result;
    if (!(await move(tx, deps, row, event, result))) return;
    if ('andWrite' in done) await done.andWrite?.(tx);
  });
}

/**
 * What is to be done now, marked as begun. Both must still be staff who may: whoever lost the role meanwhile decides
 * nothing any more (ASVS V8.3.2). That is looked at once, with the mark, so that all who go on come to the same end.
 */
async function begin(tx: Writer, deps: Deps, id: string): Promise<ApprovalRow | undefined> {
  const row = await approvalById(tx, id);
  if (!row || row.dueAt === null || row.dueAt > timestamp(deps.now())) return undefined;
  if (row.state === 'asked') await move(tx, deps, row, 'expire');
  if (row.state === 'running') return row;
  const state = stateAfter(row.state, 'begin');
  if (state === undefined) return undefined;
  const begun = { ...row, state };
  if (!(await moveApproval(tx, begun, row.state))) return undefined;
  const role = await roleThatIsMissing(tx, row);
  if (role === undefined) return begun;
  await move(tx, deps, begun, 'fail', { code: 'role_insufficient', role });
  return undefined;
}

async function roleThatIsMissing(tx: Writer, row: ApprovalRow): Promise<string | undefined> {
  const { askedBy, approvedBy } = rulesOf(row.act);
  const pairs = [
    [row.askedBy, askedBy],
    [row.decidedBy, approvedBy],
  ] as const;
  for (const [user, role] of pairs) {
    if (role === undefined) continue;
    const staff = user === null ? undefined : await userById(tx, user);
    if (rankOf(staff?.role) < rankOf(role)) return role;
  }
  return undefined;
}

/** Ends it, and writes that down; false when somebody else did. */
async function move(
  tx: Writer,
  deps: Deps,
  row: ApprovalRow,
  event: ApprovalEvent,
  result?: Readonly<Record<string, string>>,
): Promise<boolean> {
  const state = stateAfter(row.state, event);
  if (state === undefined) return false;
  const ended = { ...row, state, dueAt: null, endedAt: timestamp(deps.now()) };
  const moved = { ...ended, result: result === undefined ? null : JSON.stringify(result) };
  if (!(await moveApproval(tx, moved, row.state))) return false;
  await markDueByApproval(tx, row.id, timestamp(deps.now()));
  await record(tx, deps, inNameOf(APPROVALS), {
    action: ACTIONS_OF[event] ?? 'act-done',
    subject: row.subject,
    object: row.id,
    reason: row.reason,
    facts: { act: row.act, ...result },
  });
  return true;
}

const ACTIONS_OF: Partial<Record<ApprovalEvent, Action>> = {
  expire: 'act-expired',
  fail: 'act-failed',
  finish: 'act-done',
};
