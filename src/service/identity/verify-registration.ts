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
 * Makes an account of a registration whose code was typed. Throws `code_invalid` alike for a code that is wrong, used,
 * expired, tried too often, or for no registration at all.
 */
export function verifyByCode(deps: Deps, registration: string, code: string): Promise<UserRow> {
  return verify(deps, async (tx) => {
    // Counted before it is looked at, so that tries at the same time cannot share one count.
    if (!(await countAttempt(tx, registration, MOST_TRIES))) return undefined;
    const found = await registrationById(tx, registration);
    const hash = codeHashOf(registration, readCode(code));
    return found && sameHash(found.codeHash, hash) ? found : undefined;
  });
}

/** Makes an account of a registration whose link was followed and confirmed. Throws `code_invalid`. */
export function verifyByLink(deps: Deps, token: string): Promise<UserRow> {
  return verify(deps, (tx) => registrationByLink(tx, tokenHashOf(token)));
}

async function verify(
  deps: Deps,
  find: (tx: Writer) => Promise<RegistrationRow | undefined>,
): Promise<UserRow> {
  const user = await deps.engine.transact(async (tx) => {
    const registration = await find(tx);
    if (!registration || registration.expiresAt <= timestamp(deps.now())) return undefined;
    return admit(tx, deps, registration);
  });
  if (!user) throw new Refusal('code_invalid');
  deps.log.info('registered', { user: user.id });
  return user;
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
