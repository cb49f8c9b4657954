import { Refusal } from '../../core/contract/refusals.ts';
import type { AccountActor } from '../deps.ts';
import { findRecipient, type Recipient } from '../identity/find-recipient.ts';
import type { Reader } from '../store/engine/engine.ts';
import type { QuoteKind } from '../store/quotes.ts';

/**
 * Who is to get the money and what that makes it: a payment to somebody, or without a name a conversion between accounts of
 * the caller's own. Throws `recipient_unknown`, `recipient_is_self`, `email_invalid`.
 */
export async function recipientOf(
  db: Reader,
  actor: AccountActor,
  to: string | undefined,
): Promise<{ kind: QuoteKind; recipient: Recipient }> {
  const { user: id, email, displayName } = actor;
  if (to === undefined) return { kind: 'conversion', recipient: { id, email, displayName } };
  const recipient = await findRecipient(db, id, to);
  if (recipient.id === id) throw new Refusal('recipient_is_self');
  return { kind: 'transfer', recipient };
}
