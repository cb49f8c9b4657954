import { Refusal } from '../../core/contract/refusals.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import type { Writer } from '../store/engine/engine.ts';
import {
  countAttempt,
  registrationById,
  registrationByLink,
  spendRegistrations,
  type RegistrationRow,
} from '../store/registrations.ts';
import type { UserRow } from '../store/users.ts';
import { addHolder } from './add-holder.ts';
import { tokenHashOf } from './authenticate.ts';
import { codeHashOf, readCode, sameHash } from './codes.ts';
import { knock, openDoors, visitorOf, welcome } from './throttle.ts';

/** Codes that may be typed for one mail. */
const MOST_TRIES = 5;

/**
 * Makes an account of a registration by the code of its newest mail, typed, or by the token of the link in that mail.
 * Throws `code_invalid` alike for a code that is wrong, used, expired, tried too often, or for no registration at all.
 */
export async function verifyByCode(deps: Deps, actor: Actor, id: string, code: string): Promise<UserRow> {
  const visitor = visitorOf(actor);
  await knock(deps, 'mailed-code', visitor);
  const user = await deps.engine.transact(async (tx) => {
    // Counted before it is looked at, so that tries at the same time cannot share one count.
    if (!(await countAttempt(tx, id, MOST_TRIES))) return undefined;
    const registration = await registrationById(tx, id);
    const isRight =
      registration &&
      (sameHash(registration.codeHash, codeHashOf(id, readCode(code))) ||
        sameHash(registration.linkHash, tokenHashOf(code)));
    if (!isRight || registration.expiresAt <= timestamp(deps.now())) return undefined;
    await welcome(tx, 'mailed-code', visitor);
    return admit(tx, deps, actor, registration);
  });
  if (!user) {
    deps.log.info('code_refused');
    throw new Refusal('code_invalid');
  }
  deps.log.info('registered', { user: user.id });
  return user;
}

/**
 * The registration a mailed link belongs to. Looking changes nothing, but for being counted when there is none. Throws
 * `code_invalid`, and `too_many_attempts` to those from where many such links come.
 */
export async function registrationOfLink(
  deps: Deps,
  token: string,
  caller: Pick<Actor, 'console' | 'address'>,
): Promise<string> {
  const registration = await registrationByLink(deps.engine, tokenHashOf(token));
  if (registration) return registration.id;
  await knock(deps, 'mailed-code', visitorOf(caller));
  throw new Refusal('code_invalid');
}

async function admit(
  tx: Writer,
  deps: Deps,
  actor: Actor,
  registration: RegistrationRow,
): Promise<UserRow | undefined> {
  const { email, emailKey, displayName, phone, passwordHash } = registration;
  const user = await addHolder(tx, deps, { email, emailKey, displayName, phone, passwordHash, role: null });
  if (!user) return undefined;
  await spendRegistrations(tx, emailKey);
  // Whoever tried to log in before is in at once.
  await openDoors(tx, { emailKey });
  await record(tx, deps, { ...actor, user: user.id }, { action: 'registered' });
  await haveMailed(tx, deps, 'mail.welcome', { user: user.id });
  return user;
}
