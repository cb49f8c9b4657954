import type { Deps } from '../deps.ts';
import { settleRestriction } from '../restrictions/settle.ts';
import { putOffRestriction, restrictionsToSettle } from '../store/restrictions.ts';
import { runDue } from './run-due.ts';

/**
 * Lifts restrictions whose time is over, and brings the guards of payments to what the rows say where whoever restricted
 * or lifted was cut short. See runDue.
 */
export function settleRestrictions(deps: Deps, claim: () => Promise<boolean>): Promise<string | undefined> {
  return runDue(deps, claim, {
    rows: (limit) => restrictionsToSettle(deps.engine, limit),
    run: (id) => settleRestriction(deps, id),
    failed: (restriction, stack) => deps.log.error('restriction_failed', { restriction, stack }),
    putOff: (id, until) => deps.engine.transact((tx) => putOffRestriction(tx, id, until)),
  });
}
