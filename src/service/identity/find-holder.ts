import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Reader } from '../store/engine/engine.ts';
import { userByEmail, userById, usersByPhone, type UserRow } from '../store/users.ts';
import { emailKeyOf } from './email.ts';

/**
 * The holder staff mean: by id, e-mail address or phone number. Throws `not_found`, `email_invalid`, and `input_invalid`
 * for a phone number that several have.
 */
export async function findHolder(db: Reader, who: string): Promise<UserRow> {
  const found = await lookUp(db, who);
  if (!found) throw new Refusal('not_found', { thing: 'holder', id: who });
  return found;
}

async function lookUp(db: Reader, who: string): Promise<UserRow | undefined> {
  if (kindOfId(who) === 'user') return userById(db, who);
  if (who.includes('@')) return userByEmail(db, emailKeyOf(who));
  const [first, second] = await usersByPhone(db, who);
  if (second) {
    const reason = 'is the phone number of several holders: name one by id or e-mail address';
    throw new Refusal('input_invalid', { field: 'holder', reason });
  }
  return first;
}
