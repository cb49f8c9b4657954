import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { checkChosenPassword, hashChosenPassword, replacePassword } from '../../identity/choose-password.ts';
import { checkPasswordBytes } from '../../identity/password-rules.ts';
import { tellHolder } from '../../identity/tell-holder.ts';
import { holderAtDoor, knock, welcome } from '../../identity/throttle.ts';
import { userById } from '../../store/users.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Changes the password of whoever knows the current one (OWASP ASVS 5.0, V6.2.3): a session alone is not enough. All
 * other sessions end. Throws `password_wrong`, `password_weak`, `too_many_attempts`.
 */
export const changePassword: UseCase<'change-password'> = async (deps, actor, { current, password }) => {
  checkPasswordBytes(current);
  const user = await userById(deps.engine, actor.user);
  if (!user) throw new Refusal('session_expired');
  await checkChosenPassword(deps, user, password);

  const visitor = holderAtDoor(actor, user.id);
  await knock(deps, 'proof', visitor);
  if ((await deps.passwords.verify(current, [user.passwordHash])) === undefined) {
    await deps.engine.transact((tx) => record(tx, deps, actor, { action: 'password-change-refused' }));
    throw new Refusal('password_wrong');
  }
  const hash = await hashChosenPassword(deps, user, password);
  const endedSessions = await deps.engine.transact(async (tx) => {
    // It may have been changed since it was checked.
    if ((await userById(tx, user.id))?.passwordHash !== user.passwordHash)
      throw new Refusal('password_wrong');
    await welcome(tx, 'proof', visitor);
    await replacePassword(tx, user, hash);
    const ended = await deleteSessionsOf(tx, user.id, actor.session);
    const sessions = ended.map(({ id }) => id).join(' ');
    await record(tx, deps, actor, { action: 'password-changed', facts: { sessions } });
    await tellHolder(tx, deps, actor, 'mail.password-changed', {
      user: user.id,
      email: user.email,
      sessions: JSON.stringify(ended.map(({ device }) => device)),
    });
    return ended;
  });
  deps.log.info('password_changed', { user: user.id });
  return { endedSessions };
};
