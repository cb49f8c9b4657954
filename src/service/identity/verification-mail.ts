import { timestamp, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import type { Writer } from '../store/engine/engine.ts';
import { userByEmail } from '../store/users.ts';
import { codeHashOf, makeCode, makeLinkToken } from './codes.ts';
import { tokenHashOf } from './authenticate.ts';

/** How long the code and the link of a mail are good, in milliseconds (OWASP ASVS 5.0, V6.5.5: 10 minutes at most). */
export const MAIL_LIFE_MS = 10 * 60_000;
/** Mails one registration may cause. */
export const MOST_MAILS = 5;

/** The secrets of one mail, and what is stored of them. */
export type MailDraft = {
  readonly code: string;
  readonly token: string;
  readonly codeHash: string;
  readonly linkHash: string;
  readonly expiresAt: string;
};

/** New secrets for the mail of a registration. */
export function draftMail(deps: Deps, registration: string): MailDraft {
  const code = makeCode(deps.random);
  const token = makeLinkToken(deps.random);
  return {
    code,
    token,
    codeHash: codeHashOf(registration, code),
    linkHash: tokenHashOf(token),
    expiresAt: timestamp(deps.now() + MAIL_LIFE_MS),
  };
}

/**
 * Has the mail of a registration sent: with the code, or, when the address has an account already, a word to its owner
 * at the address of the account.
 */
export async function writeMail(
  tx: Writer,
  deps: Deps,
  registration: { email: string; emailKey: string },
  { code, token, expiresAt }: MailDraft,
): Promise<void> {
  const owner = await userByEmail(tx, registration.emailKey);
  const { email } = registration;
  // Sealed also where they are not told: neither the time it takes nor what is wrong with the keys may tell.
  const secrets = { code, token };
  if (owner) await haveMailed(tx, deps, 'mail.already-registered', { user: owner.id }, secrets);
  else await haveMailed(tx, deps, 'mail.verify', { email, expiresAt }, secrets);
}
