import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Reader } from '../store/engine/engine.ts';
import { nameKey } from '../store/name-key.ts';
import { payeesByNames } from '../store/payees.ts';
import { partiesByEmails, partiesByIds } from '../store/users.ts';
import { emailKeyOf } from './email.ts';

/** Someone who can be paid: a holder with a verified address. */
export type Recipient = {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  /** The limits of their level as they are kept; see limits/limit.ts. */
  readonly limits: string | null;
};

/** How a recipient is named: by the key of an e-mail address, a user id, or the key of a saved payee's name. */
type Named = { readonly by: 'email' | 'id' | 'payee'; readonly key: string };

/**
 * Who `to` means for this owner: an e-mail address, a user id, or the name of a saved payee.
 * Throws `recipient_unknown`, also for addresses that are registered but not verified, and `email_invalid`.
 */
export async function findRecipient(db: Reader, owner: string, to: string): Promise<Recipient> {
  return (await findRecipients(db, owner, [to]))(to);
}

/**
 * Who each of these means for this owner, looked up together. What is given says it of one of them, and throws as
 * findRecipient does.
 */
export async function findRecipients(
  db: Reader,
  owner: string,
  all: readonly string[],
): Promise<(to: string) => Recipient> {
  const names = new Map<string, Named | Refusal>();
  for (const to of all) if (!names.has(to)) names.set(to, nameOf(to));
  const keysBy = (by: Named['by']) =>
    [...names.values()].flatMap((name) => (!(name instanceof Refusal) && name.by === by ? [name.key] : []));
  const [byEmail, byId, payees] = await Promise.all([
    partiesByEmails(db, keysBy('email')),
    partiesByIds(db, keysBy('id')),
    payeesByNames(db, owner, keysBy('payee')),
  ]);
  const found = {
    email: new Map<string, Recipient>(byEmail.map((party) => [party.emailKey, party])),
    id: new Map<string, Recipient>(byId.map((party) => [party.id, party])),
    payee: new Map<string, Recipient>(
      payees.map(({ nameKey, recipient: id, email, displayName, limits }) => [
        nameKey,
        { id, email, displayName, limits },
      ]),
    ),
  };
  return (to) => {
    const name = names.get(to) ?? nameOf(to);
    if (name instanceof Refusal) throw name;
    const recipient = found[name.by].get(name.key);
    if (!recipient) throw new Refusal('recipient_unknown', { to });
    return recipient;
  };
}

function nameOf(to: string): Named | Refusal {
  if (kindOfId(to) === 'user') return { by: 'id', key: to };
  if (!to.includes('@')) return { by: 'payee', key: nameKey(to) };
  try {
    return { by: 'email', key: emailKeyOf(to) };
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}
