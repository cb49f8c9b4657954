import { registeredPasswords } from '../store/registrations.ts';
import type { Reader } from '../store/engine/engine.ts';
import { userByEmail } from '../store/users.ts';

/** Pending registrations of one address that a login looks at. */
const LOOKED_AT = 20;

/**
 * The password hashes that belong to an e-mail address: of its account, if it has one, then of its newest
 * registrations. They share one salt, so one check of a password covers them all, and a login does and says the same
 * whether or not an address has an account.
 */
export async function knownPasswords(
  db: Reader,
  emailKey: string,
): Promise<{ user: Awaited<ReturnType<typeof userByEmail>>; hashes: string[] }> {
  const user = await userByEmail(db, emailKey);
  const registered = await registeredPasswords(db, emailKey, LOOKED_AT);
  return { user, hashes: [...(user ? [user.passwordHash] : []), ...registered] };
}
