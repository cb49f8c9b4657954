import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { settleRestriction } from '../../restrictions/settle.ts';
import { showRestriction } from '../../restrictions/show-restrictions.ts';
import { checkMayActOn } from '../../staff/holder-to-act-on.ts';
import { liftRestriction as lift, restrictionById } from '../../store/restrictions.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Lets an account do again what it was kept from, where no other restriction holds. To let somebody log in again takes
 * two people. Throws `not_found`, `staff_self`, `role_insufficient`, `unlock_needed`, `restriction_lifted`.
 */
export const liftRestriction: UseCase<'lift-restriction'> = async (deps, actor, input) => {
  const { restriction: id, reason } = input;
  const found = await restrictionById(deps.engine, id);
  const holder = found && (await userById(deps.engine, found.userId));
  if (!holder) throw new Refusal('not_found', { thing: 'restriction', id });
  checkMayActOn(actor, holder);
  if (found.capability === 'log-in') throw new Refusal('unlock_needed', { holder: holder.id });
  const at = timestamp(deps.now());
  await deps.engine.transact(async (tx) => {
    if (!(await lift(tx, id, { by: actor.user, at, reason })))
      throw new Refusal('restriction_lifted', { id });
    const { capability } = found;
    await record(tx, deps, actor, {
      action: 'restriction-lifted',
      subject: holder.id,
      object: id,
      reason,
      facts: { capability },
    });
  });
  await settleRestriction(deps, id);
  return showRestriction({ ...found, liftedBy: actor.user, liftedAt: at, liftReason: reason });
};
