import { Refusal } from '../../core/contract/refusals.ts';
import { timestamp, type Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { insertEvent } from '../store/outbox.ts';
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

/** Codes that may be typed for one mail. */
const MOST_TRIES = 5;

/**
 * Makes an account of a registration by the code of its newest mail, typed, or by the token of the link in that mail.
 * Throws `code_invalid` alike for a code that is wrong, used, expired, tried too often, or for no registration at all.
 */
export async function verifyByCode(deps: Deps, id: string, code: string): Promise<UserRow> {
  const user = await deps.engine.transact(async (tx) => {
    // Counted before it is looked at, so that tries at the same time cannot share one count.
    if (!(await countAttempt(tx, id, MOST_TRIES))) return undefined;
    const registration = await registrationById(tx, id);
    const isRight =
      registration &&
      (sameHash(registration.codeHash, codeHashOf(id, readCode(code))) ||
        sameHash(registration.linkHash, tokenHashOf(code)));
    if (!isRight || registration.expiresAt <= timestamp(deps.now())) return undefined;
    return admit(tx, deps, registration);
  });
  if (!user) {
    deps.log.info('code_refused');
    throw new Refusal('code_invalid');
  }
  deps.log.info('registered', { user: user.id });
  return user;
}

/** The registration a mailed link belongs to. Looking changes nothing. Throws `code_invalid`. */
export async function registrationOfLink(deps: Deps, token: string): Promise<string> {
  const registration = await registrationByLink(deps.engine, tokenHashOf(token));
  if (!registration) throw new Refusal('code_invalid');
  return registration.id;
}

async function admit(tx: Writer, deps: Deps, registration: RegistrationRow): Promise<UserRow | undefined> {
  const { email, emailKey, displayName, phone, passwordHash } = registration;
  const user = await addHolder(tx, deps, { email, emailKey, displayName, phone, passwordHash, role: null });
  if (!user) return undefined;
  await spendRegistrations(tx, emailKey);
  await insertEvent(tx, {
    id: deps.newId('mail'),
    kind: 'mail.welcome',
    payload: JSON.stringify({ user: user.id }),
    runAt: timestamp(deps.now()),
  });
  return user;
}
