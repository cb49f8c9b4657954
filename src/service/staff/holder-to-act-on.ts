import { Refusal } from '../../core/contract/refusals.ts';
import type { AccountActor } from '../deps.ts';
import { findHolder } from '../identity/find-holder.ts';
import type { Reader } from '../store/engine/engine.ts';
import type { UserRow } from '../store/users.ts';
import { checkRank } from './ranks.ts';

/**
 * The holder whom a member of staff is about to do something to. Nobody acts on their own account, nor on that of staff
 * of a higher role. Throws what findHolder throws, `staff_self`, `role_insufficient`.
 */
export async function holderToActOn(db: Reader, actor: AccountActor, who: string): Promise<UserRow> {
  const holder = await findHolder(db, who);
  checkMayActOn(actor, holder);
  return holder;
}

/** The same for a holder who is known already. Throws `staff_self`, `role_insufficient`. */
export function checkMayActOn(actor: AccountActor, { id, role }: Pick<UserRow, 'id' | 'role'>): void {
  if (id === actor.user) throw new Refusal('staff_self');
  if (role !== null) checkRank(actor.role, role);
}
