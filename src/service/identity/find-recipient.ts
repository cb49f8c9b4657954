import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Reader } from '../store/engine/engine.ts';
import { payeeByName } from '../store/payees.ts';
import { userByEmail, userById } from '../store/users.ts';
import { emailKeyOf } from './email.ts';

/** Someone who can be paid: a holder with a verified address. */
export type Recipient = { readonly id: string; readonly email: string; readonly displayName: string };

/**
 * Who `to` means for this owner: an e-mail address, a user id, or the name of a saved payee.
 * Throws `recipient_unknown`, also for addresses that are registered but not verified, and `email_invalid`.
 */
export async function findRecipient(db: Reader, owner: string, to: string): Promise<Recipient> {
  const found = await lookUp(db, owner, to);
  if (!found) throw new Refusal('recipient_unknown', { to });
  return found;
}

async function lookUp(db: Reader, owner: string, to: string): Promise<Recipient | undefined> {
  if (to.includes('@')) return userByEmail(db, emailKeyOf(to));
  if (kindOfId(to) === 'user') return userById(db, to);
  const payee = await payeeByName(db, owner, to);
  return payee && { id: payee.recipient, email: payee.email, displayName: payee.displayName };
}
