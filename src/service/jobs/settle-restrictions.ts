import { timestamp, type Deps } from '../deps.ts';
import { settleRestriction } from '../restrictions/settle.ts';
import { putOffRestriction, restrictionsToSettle } from '../store/restrictions.ts';

const SLICE = 100;
/** How long what failed is left alone, in milliseconds. */
const PUT_OFF_MS = 60_000;

/**
 * Lifts restrictions whose time is over, and brings the guards of payments to what the rows say where whoever restricted
 * or lifted was cut short. Only done when `claim` says that it is this node's work. Gives when the next one is due.
 */
export async function settleRestrictions(
  deps: Deps,
  claim: () => Promise<boolean>,
): Promise<string | undefined> {
  for (;;) {
    const rows = await restrictionsToSettle(deps.engine, SLICE);
    const now = timestamp(deps.now());
    const due = rows.filter(({ dueAt }) => dueAt !== null && dueAt <= now);
    if (due.length > 0 && !(await claim())) return undefined;
    for (const { id } of due) {
      try {
        await settleRestriction(deps, id);
      } catch (error) {
        // One that cannot be settled must not keep others, nor the mails, from their turn.
        deps.log.error('restriction_failed', { restriction: id, stack: stackOf(error) });
        await deps.engine.transact((tx) => putOffRestriction(tx, id, timestamp(deps.now() + PUT_OFF_MS)));
      }
    }
    if (due.length < rows.length || rows.length === 0)
      return rows.find(({ dueAt }) => dueAt !== null && dueAt > now)?.dueAt ?? undefined;
  }
}

function stackOf(error: unknown): string {
  return (error as Error).stack ?? String(error);
}
