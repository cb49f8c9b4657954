import { record } from '../audit-log/record.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { moveApproval, openApprovalsAbout } from '../store/approvals.ts';
import type { Writer } from '../store/engine/engine.ts';
import { rulesOf } from './acts.ts';
import { stateAfter } from './moves.ts';

/**
 * The holder has just logged in with the second factor: what staff asked for because a way in was said to be lost is not
 * done. In the transaction of the login.
 */
export async function stopWhatWasAsked(
  tx: Writer,
  deps: Pick<Deps, 'now' | 'newId'>,
  actor: Actor & { readonly user: string },
): Promise<void> {
  for (const row of await openApprovalsAbout(tx, actor.user)) {
    const state = stateAfter(row.state, 'stop');
    if (!rulesOf(row.act).stoppedByLogin || state === undefined) continue;
    await moveApproval(tx, { ...row, state, dueAt: null, endedAt: timestamp(deps.now()) }, row.state);
    await record(tx, deps, actor, { action: 'act-stopped', object: row.id, facts: { act: row.act } });
  }
}
