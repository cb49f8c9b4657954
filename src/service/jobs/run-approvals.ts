import { runApproval } from '../approvals/run.ts';
import { timestamp, type Deps } from '../deps.ts';
import { approvalsToRun, putOffApproval } from '../store/approvals.ts';

const SLICE = 100;
/** How long what failed for no reason of its own is left alone, in milliseconds. */
const PUT_OFF_MS = 60_000;

/**
 * Does what two people decided once its delay is over, and lets expire what nobody decided on. Only done when `claim`
 * says that it is this node's work. Gives when the next one is due.
 */
export async function runApprovals(deps: Deps, claim: () => Promise<boolean>): Promise<string | undefined> {
  for (;;) {
    const rows = await approvalsToRun(deps.engine, SLICE);
    const now = timestamp(deps.now());
    const due = rows.filter(({ dueAt }) => dueAt !== null && dueAt <= now);
    if (due.length > 0 && !(await claim())) return undefined;
    for (const { id } of due) {
      try {
        await runApproval(deps, id);
      } catch (error) {
        // One that fails must not keep others, nor the mails, from their turn.
        deps.log.error('approval_failed', { approval: id, stack: (error as Error).stack ?? String(error) });
        await deps.engine.transact((tx) => putOffApproval(tx, id, timestamp(deps.now() + PUT_OFF_MS)));
      }
    }
    if (due.length < rows.length || rows.length === 0) return rows[due.length]?.dueAt ?? undefined;
  }
}
