import { runApproval } from '../approvals/run.ts';
import type { Deps } from '../deps.ts';
import { approvalsToRun, putOffApproval } from '../store/approvals.ts';
import { runDue } from './run-due.ts';

/** Does what two people decided once its delay is over, and lets expire what nobody decided on. See runDue. */
export function runApprovals(deps: Deps, claim: () => Promise<boolean>): Promise<string | undefined> {
  return runDue(deps, claim, {
    rows: (limit) => approvalsToRun(deps.engine, limit),
    run: (id) => runApproval(deps, id),
    failed: (approval, stack) => deps.log.error('approval_failed', { approval, stack }),
    putOff: (id, until) => deps.engine.transact((tx) => putOffApproval(tx, id, until)),
  });
}
