import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { HolderActor } from '../deps.ts';
import { emailKeyOf } from '../identity/email.ts';
import type { Reader } from '../store/engine/engine.ts';
import { userByEmail, userById, usersByPhone, type UserRow } from '../store/users.ts';
import { checkRank, rankOf } from './ranks.ts';

/** Whom staff mean: an id, an e-mail address, or a phone number that one holder has. Throws `not_found`, `input_invalid`. */
export async function holderCalled(db: Reader, who: string): Promise<UserRow> {
  const found = await lookUp(db, who);
  if (found.length > 1)
    throw new Refusal('input_invalid', {
      field: 'holder',
      reason: 'is the phone number of several holders: name one by id or e-mail address',
    });
  const [holder] = found;
  if (!holder) throw new Refusal('not_found', { thing: 'holder', id: who });
  return holder;
}

/**
 * The holder whom a member of staff is about to do something to. Nobody acts on their own account, nor on that of staff
 * of a higher role. Throws `not_found`, `input_invalid`, `staff_self`, `role_insufficient`.
 */
export async function holderToActOn(db: Reader, actor: HolderActor, who: string): Promise<UserRow> {
  const holder = await holderCalled(db, who);
  checkMayActOn(actor, holder);
  return holder;
}

/** The same for a holder who is known already. Throws `staff_self`, `role_insufficient`. */
export function checkMayActOn(actor: HolderActor, holder: Pick<UserRow, 'id' | 'role'>): void {
  if (holder.id === actor.user) throw new Refusal('staff_self');
  if (rankOf(holder.role) >= 0) checkRank(actor.role, holder.role ?? '');
}

async function lookUp(db: Reader, who: string): Promise<UserRow[]> {
  if (who.startsWith('+')) return usersByPhone(db, who.replace(/[\s()-]/g, ''));
  const one = kindOfId(who) === 'user' ? await userById(db, who) : await userByEmail(db, emailKeyOf(who));
  return one ? [one] : [];
}
