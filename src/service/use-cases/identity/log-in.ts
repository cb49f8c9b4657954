import { Refusal } from '../../../core/contract/refusals.ts';
import { placeOf } from '../../audit-log/network-of.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { SESSION_LIFE_MS, STAFF_SESSION_LIFE_MS, isAlive, tokenHashOf } from '../../identity/authenticate.ts';
import { makeSessionToken } from '../../identity/codes.ts';
import { describeUser } from '../../identity/describe.ts';
import { parseEmail } from '../../identity/email.ts';
import { knownPasswords } from '../../identity/known-passwords.ts';
import { checkPasswordBytes } from '../../identity/password-rules.ts';
import { deleteSession, insertSession, sessionsOf } from '../../store/sessions.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/** Sessions a user may have at once; a new one ends the oldest beyond. */
const MOST_SESSIONS = 50;

/**
 * Starts a session. One password hash is computed whatever the case, and only two things are ever told apart: the
 * password of a registration that still waits (`email_unverified`), and everything else (`credentials_invalid`).
 */
export const logIn: UseCase<'log-in'> = async (deps, actor, input) => {
  const { key } = parseEmail(input.email);
  checkPasswordBytes(input.password);
  const { user, hashes } = await knownPasswords(deps.engine, key);
  const match = await deps.passwords.verify(input.password, hashes);
  if (match === undefined || (user && match !== user.passwordHash)) {
    deps.log.info('login_refused', user ? { user: user.id } : {});
    const by = { ...actor, device: input.device };
    await deps.engine.transact((tx) => record(tx, deps, by, { action: 'login-refused', subject: user?.id }));
  }
  if (match === undefined) throw new Refusal('credentials_invalid');
  if (!user || match !== user.passwordHash) throw new Refusal('email_unverified');

  const now = deps.now();
  const token = makeSessionToken(deps.random);
  const session = {
    id: deps.newId('session'),
    userId: user.id,
    tokenHash: tokenHashOf(token),
    device: input.device ?? 'unnamed',
    createdAt: timestamp(now),
    expiresAt: timestamp(now + (user.role === null ? SESSION_LIFE_MS : STAFF_SESSION_LIFE_MS)),
    network: placeOf(actor),
  };
  await deps.engine.transact(async (tx) => {
    // It may have been changed since it was checked, and sessions ended with it.
    if ((await userById(tx, user.id))?.passwordHash !== match) throw new Refusal('credentials_invalid');
    const sessions = await sessionsOf(tx, user.id);
    const alive = sessions.filter((one) => isAlive(one, now));
    const kept = new Set(alive.slice(-(MOST_SESSIONS - 1)).map(({ id }) => id));
    for (const { id } of sessions) if (!kept.has(id)) await deleteSession(tx, user.id, id);
    await insertSession(tx, session);
    const by = { ...actor, user: user.id, role: user.role ?? undefined, device: session.device };
    await record(tx, deps, by, { action: 'login-done', object: session.id });
  });
  deps.log.info('login', { user: user.id, session: session.id });
  return { token, session: session.id, expiresAt: session.expiresAt, user: describeUser(user) };
};
