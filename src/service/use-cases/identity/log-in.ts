import { Refusal } from '../../../core/contract/refusals.ts';
import { placeOf } from '../../audit-log/network-of.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { SESSION_LIFE_MS, STAFF_SESSION_LIFE_MS, tokenHashOf } from '../../identity/authenticate.ts';
import { makeSessionToken } from '../../identity/codes.ts';
import { describeUser } from '../../identity/describe.ts';
import { admitDevice, knownDevice } from '../../identity/devices.ts';
import { parseEmail } from '../../identity/email.ts';
import { makeRoomForSession } from '../../identity/end-sessions.ts';
import { knownPasswords } from '../../identity/known-passwords.ts';
import { checkPasswordBytes } from '../../identity/password-rules.ts';
import { passFactorAtLogin } from '../../identity/second-factor.ts';
import { knock, noteFailure, visitorOf, welcome } from '../../identity/throttle.ts';
import { admit } from '../../restrictions/admit.ts';
import { insertSession } from '../../store/sessions.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Starts a session. One password hash is computed whatever the case, and only two things are ever told apart: the
 * password of a registration that still waits (`email_unverified`), and everything else (`credentials_invalid`). Tries
 * beyond the pace of the door are turned away before that (`too_many_attempts`), at no such cost, and just as blindly.
 */
export const logIn: UseCase<'log-in'> = async (deps, actor, input) => {
  const { key } = parseEmail(input.email);
  checkPasswordBytes(input.password);
  const known = await knownDevice(deps, key, input.deviceToken);
  const visitor = visitorOf(actor, { account: key, device: known?.id });
  await knock(deps, 'login', visitor);
  const { user, hashes } = await knownPasswords(deps.engine, key);
  const match = await deps.passwords.verify(input.password, hashes);
  const device = input.device ?? 'unnamed';
  if (!user || match !== user.passwordHash) {
    deps.log.info('login_refused', { ...(user ? { user: user.id } : {}), network: placeOf(actor) });
    const by = { ...actor, device };
    await deps.engine.transact(async (tx) => {
      // A right password of somebody else's registration is a wrong one too, and opens no door.
      if (user) await record(tx, deps, by, { action: 'login-refused', subject: user.id });
      else await noteFailure(tx, 'login', visitor);
    });
    throw new Refusal(match === undefined ? 'credentials_invalid' : 'email_unverified');
  }
  // The password was right: the code has a door of its own.
  await deps.engine.transact((tx) => welcome(tx, 'login', visitor));
  const withFactor = await passFactorAtLogin(
    deps,
    { ...actor, device, deviceId: known?.id },
    user.id,
    input.code,
  );

  const now = deps.now();
  const token = makeSessionToken(deps.random);
  const session = {
    id: deps.newId('session'),
    userId: user.id,
    tokenHash: tokenHashOf(token),
    device,
    createdAt: timestamp(now),
    expiresAt: timestamp(now + (user.role === null ? SESSION_LIFE_MS : STAFF_SESSION_LIFE_MS)),
    network: placeOf(actor),
    withFactor,
  };
  const by = { ...actor, user: user.id, role: user.role ?? undefined, device };
  const admitted = await deps.engine.transact(async (tx) => {
    // It may have been changed since it was checked, and sessions ended with it.
    if ((await userById(tx, user.id))?.passwordHash !== match) throw new Refusal('credentials_invalid');
    await makeRoomForSession(tx, deps, by, user.id);
    const from = await admitDevice(tx, deps, by, known);
    await insertSession(tx, { ...session, deviceId: from.id });
    await admit(tx, deps, by, withFactor);
    await record(tx, deps, by, { action: 'login-done', object: session.id });
    return from;
  });
  deps.log.info('login', { user: user.id, session: session.id, network: placeOf(actor) });
  return {
    token,
    session: session.id,
    expiresAt: session.expiresAt,
    user: describeUser(user),
    ...(admitted.token === undefined ? {} : { deviceToken: admitted.token }),
  };
};
