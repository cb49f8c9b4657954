import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { describeUser } from '../../identity/describe.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { checkStillAdmin } from '../../staff/still-admin.ts';
import { unassignCasesOf } from '../../store/cases.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { deleteTokensOf } from '../../store/tokens.ts';
import { setRole } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Ends the role of a member of staff, and with it their sessions, their tokens, and their part in open cases; the
 * account stays. Nobody removes themselves, so there is always an administrator left. Throws `not_found`,
 * `input_invalid`.
 */
export const removeStaff: UseCase<'remove-staff'> = async (deps, actor, { who, reason }) => {
  const user = await deps.engine.transact(async (tx) => {
    await checkStillAdmin(tx, actor);
    const found = await findHolder(tx, who);
    if (found.role === null) throw new Refusal('not_found', { thing: 'member of staff', id: who });
    if (found.id === actor.user) {
      const why = 'is you; nobody removes themselves';
      throw new Refusal('input_invalid', { field: 'who', reason: why });
    }
    await setRole(tx, found.id, null);
    await deleteSessionsOf(tx, found.id);
    await deleteTokensOf(tx, found.id);
    await unassignCasesOf(tx, found.id);
    const facts = { role: found.role };
    await record(tx, deps, actor, { action: 'staff-removed', subject: found.id, reason, facts });
    return { ...found, role: null };
  });
  deps.log.info('staff_removed', { user: user.id, by: actor.user });
  return describeUser(user);
};
