import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Somebody logged in from a machine the account did not know. What it is called is theirs to say: it is quoted, and cut. */
export function newDevice(
  { userOf }: Known,
  { user: id = '', device = '', network, at }: Payload,
): Draft | undefined {
  const user = userOf(id);
  if (!user || !network || !at) return undefined;
  return {
    to: user.email,
    subject: 'A new device logged in to your OKpay account',
    lines: [
      'Somebody, most likely you, logged in to your OKpay account from a device',
      'that it did not know.',
      '',
      `When: ${readableTime(at)}`,
      `Device: “${onOneLine(device).slice(0, 40)}”`,
      `Network: ${network}`,
      '',
      'If it was you, there is nothing you need to do.',
      '',
      'If it was not you, they know your password. See what happened, throw',
      'them out, and choose another password:',
      '',
      'okpay activity',
      'okpay session revoke --all-others',
      'okpay password change',
    ],
  };
}

/** Lets the owner of an account in at once. */
export function unlock(
  { userOf, now, publicUrl }: Known,
  { user: id = '', code, token, expiresAt }: Payload,
): Draft | undefined {
  const user = userOf(id);
  if (!user || !code || !token || !expiresAt || Date.parse(expiresAt) <= now()) return undefined;
  return {
    to: user.email,
    subject: 'Unlock your OKpay account',
    lines: [
      'Somebody, most likely you, asked to unlock your OKpay account. Logins',
      'have to wait when a wrong password was tried too often. To be let in at',
      'once, type:',
      '',
      `okpay unlock ${code}`,
      '',
      'or open this page and press the button:',
      '',
      `${publicUrl}/unlock?token=${token}`,
      '',
      `Both are good once, until ${readableTime(expiresAt)}. The page also works if it was`,
      'somebody else who asked.',
      '',
      'If you need no unlocking, do nothing. Nobody is logged in by it, and',
      'nobody from OKpay will ever ask you for the code.',
    ],
  };
}
