import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { describeUser } from '../../identity/describe.ts';
import { emailKeyOf } from '../../identity/email.ts';
import { codeInvalid, spendMailedCode } from '../../identity/mailed-codes.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { knock, visitorOf, welcome } from '../../identity/throttle.ts';
import { keepFormerAddress, setEmail } from '../../store/credentials.ts';
import { deleteMailedCodes } from '../../store/mailed-codes.ts';
import { deleteOwnRegistrations, spendRegistrations } from '../../store/registrations.ts';
import { userById } from '../../store/users.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';
import { TERMS } from '../../terms.ts';

/**
 * Moves the caller's account to the address whose mail had this code. All other sessions end, and codes that were mailed
 * to the address before are worth nothing. Throws `code_invalid`, also when the address has got an account meanwhile.
 */
export const confirmEmail: UseCase<'confirm-email'> = async (deps, actor, { change, code }) => {
  const visitor = visitorOf(actor);
  await knock(deps, 'mailed-code', visitor);
  const given = { id: change, code };
  const done = await spendMailedCode(deps, 'change-email', given, async (tx, { userId, details }) => {
    const user = await userById(tx, actor.user);
    if (!user || userId !== user.id || details === null) throw codeInvalid('change-email');
    const to = JSON.parse(details) as { email: string; emailKey: string };
    if (!(await setEmail(tx, user.id, to))) throw codeInvalid('change-email');
    await welcome(tx, 'mailed-code', visitor);
    const now = deps.now();
    await keepFormerAddress(
      tx,
      { user: user.id, email: user.email, leftAt: timestamp(now) },
      timestamp(now - TERMS.formerAddressMs),
    );
    for (const emailKey of [emailKeyOf(user.email), to.emailKey])
      await deleteMailedCodes(tx, emailKey, 'reset-password');
    await deleteOwnRegistrations(tx, emailKeyOf(user.email), user.passwordHash);
    await spendRegistrations(tx, to.emailKey);
    const endedSessions = await deleteSessionsOf(tx, user.id, actor.session);
    const facts = {
      from: user.email,
      to: to.email,
      sessions: endedSessions.map(({ id }) => id).join(' '),
    };
    await record(tx, deps, actor, { action: 'email-changed', facts });
    await tellHolder(tx, deps, actor, 'mail.email-changed', {
      user: user.id,
      email: to.email,
      newEmail: to.email,
      oldEmail: user.email,
    });
    return { user: describeUser({ ...user, email: to.email }), endedSessions };
  });
  deps.log.info('email_changed', { user: actor.user });
  return done;
};
