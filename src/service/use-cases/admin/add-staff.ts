import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { describeUser } from '../../identity/describe.ts';
import { emailKeyOf } from '../../identity/email.ts';
import { checkStillAdmin } from '../../staff/still-admin.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { setRole, userByEmail } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Gives a holder a role, or another role. Their sessions end: those of staff live shorter. Nobody changes their own
 * role, so there is always an administrator left.
 */
export const addStaff: UseCase<'add-staff'> = async (deps, actor, { email, role, reason }) => {
  const emailKey = emailKeyOf(email);
  const user = await deps.engine.transact(async (tx) => {
    await checkStillAdmin(tx, actor);
    const found = await userByEmail(tx, emailKey);
    if (!found) throw new Refusal('not_found', { thing: 'holder', id: email });
    if (found.id === actor.user) {
      throw new Refusal('input_invalid', {
        field: 'email',
        reason: 'is your own; nobody changes their own role',
      });
    }
    await setRole(tx, found.id, role);
    await deleteSessionsOf(tx, found.id);
    const facts = { role, ...(found.role === null ? {} : { before: found.role }) };
    await record(tx, deps, actor, { action: 'staff-added', subject: found.id, reason, facts });
    return { ...found, role };
  });
  deps.log.info('staff_added', { user: user.id, role, by: actor.user });
  return describeUser(user);
};
