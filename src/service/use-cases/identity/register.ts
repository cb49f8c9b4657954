import { timestamp } from '../../deps.ts';
import { checkDisplayName } from '../../identity/display-name.ts';
import { parseEmail } from '../../identity/email.ts';
import { knownPasswords } from '../../identity/known-passwords.ts';
import { checkNewPassword } from '../../identity/password-rules.ts';
import { checkPhone } from '../../identity/phone.ts';
import { knock, visitorOf } from '../../identity/throttle.ts';
import { draftMail, writeMail } from '../../identity/verification-mail.ts';
import { deleteOldRegistrations, insertRegistration } from '../../store/registrations.ts';
import type { UseCase } from '../use-case.ts';
import { TERMS } from '../../terms.ts';

/** Old registrations that go with each new one. */
const TIDIED_AT_ONCE = 20;

/**
 * Keeps a registration and has its mail sent. The same work and the same answer whether or not the address has an
 * account (OWASP ASVS 5.0, V6.3.8). Several registrations may wait for one address: only the owner of the mailbox can
 * finish one, and finishes their own.
 */
export const register: UseCase<'register'> = async (deps, actor, input) => {
  const { address, key } = parseEmail(input.email);
  const displayName = checkDisplayName(input.displayName);
  const phone = input.phone === undefined ? null : checkPhone(input.phone);
  await checkNewPassword(input.password, { email: address, displayName });
  await knock(deps, 'registration', visitorOf(actor, { account: key }));

  const { hashes } = await knownPasswords(deps.engine, key);
  const passwordHash = await deps.passwords.hash(input.password, hashes[0]);
  const id = deps.newId('registration');
  const mail = draftMail(deps, id);
  const { codeHash, linkHash, expiresAt } = mail;
  const registration = { id, email: address, emailKey: key, displayName, phone, passwordHash };
  await deps.engine.transact(async (tx) => {
    const now = deps.now();
    await deleteOldRegistrations(tx, timestamp(now - TERMS.registrationMs), TIDIED_AT_ONCE);
    await insertRegistration(tx, {
      ...registration,
      codeHash,
      linkHash,
      expiresAt,
      createdAt: timestamp(now),
    });
    await writeMail(tx, deps, registration, mail);
  });
  return { registration: id, email: address, expiresAt };
};
