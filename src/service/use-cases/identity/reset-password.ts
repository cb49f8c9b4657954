import { record } from '../../audit-log/record.ts';
import { checkChosenPassword, hashChosenPassword, replacePassword } from '../../identity/choose-password.ts';
import { emailKeyOf } from '../../identity/email.ts';
import { checkMailedCode, codeInvalid, spendMailedCode } from '../../identity/mailed-codes.ts';
import { checkPasswordBytes } from '../../identity/password-rules.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { knock, openDoors, visitorOf, welcome } from '../../identity/throttle.ts';
import { hasSecondFactor } from '../../store/second-factors.ts';
import { userById } from '../../store/users.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { deleteTokensOf } from '../../store/tokens.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Sets a new password with the code of a mail. Every session and token ends, and whoever had to wait at a door need not
 * any more; a second factor stays as it is (OWASP ASVS 5.0, V6.4.3). A password that is refused leaves the code good.
 * Throws `code_invalid`, `password_weak`, `too_many_attempts`.
 */
export const resetPassword: UseCase<'reset-password'> = async (deps, actor, { reset, code, password }) => {
  checkPasswordBytes(password);
  const visitor = visitorOf(actor);
  await knock(deps, 'mailed-code', visitor);
  const given = { id: reset, code };
  const { userId } = await checkMailedCode(deps, 'reset-password', given);
  const user = await userById(deps.engine, userId);
  if (!user) throw codeInvalid('reset-password');
  await checkChosenPassword(deps, user, password);
  const hash = await hashChosenPassword(deps, user, password);

  const done = await spendMailedCode(deps, 'reset-password', given, async (tx) => {
    await replacePassword(tx, user, hash);
    const endedSessions = await deleteSessionsOf(tx, user.id);
    const endedTokens = await deleteTokensOf(tx, user.id);
    await welcome(tx, 'mailed-code', visitor);
    await openDoors(tx, { user: user.id, emailKey: emailKeyOf(user.email) });
    const [sessions, tokens] = [endedSessions, endedTokens].map((ended) =>
      ended.map(({ id }) => id).join(' '),
    );
    const facts = { sessions: sessions ?? '', tokens: tokens ?? '' };
    await record(tx, deps, actor, { action: 'password-reset', subject: user.id, facts });
    await tellHolder(tx, deps, actor, 'mail.password-reset', {
      user: user.id,
      email: user.email,
      sessions: JSON.stringify(endedSessions.map(({ device }) => device)),
      tokens: JSON.stringify(endedTokens.map(({ name }) => name)),
    });
    const secondFactor = await hasSecondFactor(tx, user.id);
    return { email: user.email, endedSessions, endedTokens, secondFactor };
  });
  deps.log.info('password_reset', { user: user.id });
  return done;
};
