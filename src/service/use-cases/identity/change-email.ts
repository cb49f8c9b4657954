import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { emailKeyOf, parseEmail } from '../../identity/email.ts';
import { issueMailedCode } from '../../identity/mailed-codes.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { haveMailed } from '../../have-mailed.ts';
import { knock, visitorOf } from '../../identity/throttle.ts';
import { userByEmail } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Has a code mailed to the address an account is to move to, and a word to the one it is at. An address that has an
 * account gets a word to its owner instead of a code; the answer is the same (OWASP ASVS 5.0, V6.3.8).
 */
export const changeEmail: UseCase<'change-email'> = async (deps, actor, input) => {
  const { address, key } = parseEmail(input.email);
  const emailKey = emailKeyOf(actor.email);
  if (key === emailKey) {
    throw new Refusal('input_invalid', { field: 'email', reason: 'is the address of your account already' });
  }
  await knock(deps, 'mail', visitorOf(actor, { account: key }));
  const { id, expiresAt } = await deps.engine.transact(async (tx) => {
    const owner = await userByEmail(tx, key);
    const issued = await issueMailedCode(tx, deps, {
      purpose: 'change-email',
      emailKey,
      user: owner ? undefined : actor.user,
      details: { email: address, emailKey: key },
    });
    const { code, expiresAt: goodUntil } = issued;
    // Sealed also for an address that is taken: the answer must not tell.
    if (owner) await haveMailed(tx, deps, 'mail.address-taken', { user: owner.id }, { code });
    else await haveMailed(tx, deps, 'mail.change-email', { email: address, expiresAt: goodUntil }, { code });
    await record(tx, deps, actor, { action: 'email-change-asked', facts: { to: address } });
    await tellHolder(tx, deps, actor, 'mail.email-change-asked', {
      user: actor.user,
      email: actor.email,
      newEmail: address,
    });
    return issued;
  });
  return { change: id, email: address, expiresAt };
};
