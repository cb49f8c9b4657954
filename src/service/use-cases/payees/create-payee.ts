import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { findRecipient } from '../../identity/find-recipient.ts';
import { countPayees, insertPayee } from '../../store/payees.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Saves a recipient under a name of the holder's own. Throws `payee_exists`, `recipient_unknown`, `recipient_is_self`,
 * `limit_reached`.
 */
export const createPayee: UseCase<'create-payee'> = async (deps, actor, input) => {
  const name = input.name.normalize('NFC').trim();
  const reason = !isName(name)
    ? 'takes a name without “@”, line breaks or invisible characters, that does not look like an id'
    : name.length > LIMITS.payeeNameLength
      ? `takes at most ${LIMITS.payeeNameLength} characters`
      : undefined;
  if (reason !== undefined) throw new Refusal('input_invalid', { field: 'name', reason });
  const recipient = await findRecipient(deps.engine, actor.user, input.to);
  if (recipient.id === actor.user) throw new Refusal('recipient_is_self');
  const payee = {
    id: deps.newId('payee'),
    owner: actor.user,
    name,
    recipient: recipient.id,
    createdAt: timestamp(deps.now()),
  };
  await deps.engine.transact(async (tx) => {
    if ((await countPayees(tx, actor.user)) >= LIMITS.payees)
      throw new Refusal('limit_reached', { what: 'payees', most: String(LIMITS.payees) });
    if (!(await insertPayee(tx, payee))) throw new Refusal('payee_exists', { name });
    const facts = { name, recipient: recipient.id };
    await record(tx, deps, actor, { action: 'payee-added', object: payee.id, facts });
  });
  const to = { id: recipient.id, name: recipient.displayName, email: recipient.email };
  return { id: payee.id, name, to, createdAt: payee.createdAt };
};

/** Whether a name can be seen, and can be taken for neither an address nor an id, whose forms come first. */
function isName(name: string): boolean {
  const folded = name.normalize('NFKC').trim();
  const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;
  const seen = name.replace(/(?<=\p{Emoji})\ufe0f/gu, '');
  return folded !== '' && !hidden.test(seen) && !folded.includes('@') && !/^[a-z]{3}_/i.test(folded);
}
