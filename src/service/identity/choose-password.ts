import type { Deps } from '../deps.ts';
import { setPasswordHash } from '../store/credentials.ts';
import { hasSecondFactor } from '../store/second-factors.ts';
import type { Writer } from '../store/engine/engine.ts';
import { deleteMailedCodes } from '../store/mailed-codes.ts';
import { deleteOwnRegistrations, registeredPasswords } from '../store/registrations.ts';
import type { UserRow } from '../store/users.ts';
import { emailKeyOf } from './email.ts';
import type { Purpose } from './mailed-codes.ts';
import { checkNewPassword } from './password-rules.ts';

/** What a mail may still be good for that ends with a new password: whoever asked for it may have been somebody else. */
const ENDED: readonly Purpose[] = ['reset-password', 'change-email'];

/** Checks a new password for an account against the rules. Throws `password_weak`, which says why. */
export async function checkChosenPassword(deps: Deps, user: UserRow, password: string): Promise<void> {
  const { id, email, displayName } = user;
  const hasFactor = await hasSecondFactor(deps.engine, id);
  await checkNewPassword(password, { email, displayName, hasFactor });
}

/**
 * The hash of a new password for an account: beside those of registrations that wait with the same address, so that a
 * login still covers them all in one go (known-passwords.ts). Throws `busy`.
 */
export async function hashChosenPassword(deps: Deps, { email }: UserRow, password: string): Promise<string> {
  const [beside] = await registeredPasswords(deps.engine, emailKeyOf(email), 1);
  return deps.passwords.hash(password, beside);
}

/** Puts a new password in the place of the one before, and ends what mails are still on their way. */
export async function replacePassword(tx: Writer, user: UserRow, hash: string): Promise<void> {
  const { id, email, passwordHash } = user;
  await setPasswordHash(tx, id, hash);
  // A login with the old password would be told to verify the address.
  await deleteOwnRegistrations(tx, emailKeyOf(email), passwordHash);
  for (const purpose of ENDED) await deleteMailedCodes(tx, emailKeyOf(email), purpose);
}
