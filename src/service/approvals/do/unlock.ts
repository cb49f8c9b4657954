import { inNameOf, record } from '../../audit-log/record.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { emailKeyOf } from '../../identity/email.ts';
import { openDoors } from '../../identity/throttle.ts';
import { haveMailed } from '../../have-mailed.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import type { Writer } from '../../store/engine/engine.ts';
import { liftRestriction, restrictionsThatHold } from '../../store/restrictions.ts';
import { userById } from '../../store/users.ts';
import type { Done } from './done.ts';

/**
 * Lets the holder log in again: no door makes them wait, and no restriction keeps them out that was there when it was
 * approved. One that was set since has its reasons.
 */
export async function unlock(deps: Deps, row: ApprovalRow): Promise<Done> {
  const { id, subject, act, reason, decidedBy, decidedAt } = row;
  const holder = await userById(deps.engine, subject);
  if (!holder) return { failed: { code: 'not_found', facts: { thing: 'holder', id: subject } } };
  const andWrite = async (tx: Writer) => {
    const by = decidedBy ?? '';
    await openDoors(tx, { user: subject, emailKey: emailKeyOf(holder.email) });
    for (const { id: object, capability, madeAt } of await restrictionsThatHold(tx, subject, 'log-in')) {
      if (madeAt > (decidedAt ?? '')) continue;
      await liftRestriction(tx, object, { by, at: timestamp(deps.now()), reason });
      const facts = { capability, approval: id };
      await record(tx, deps, inNameOf(by), { action: 'restriction-lifted', subject, object, reason, facts });
    }
    await haveMailed(tx, deps, 'mail.act-done', { user: subject, act });
  };
  return { result: {}, andWrite };
}
