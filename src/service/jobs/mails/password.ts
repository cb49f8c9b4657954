import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Somebody forgot the password: the code and the link that set a new one. Nothing is sent where there is no account. */
export function forgotPassword(
  { userOf, now, publicUrl }: Known,
  { user: id = '', code, token, expiresAt }: Payload,
): Draft | undefined {
  const user = userOf(id);
  if (!user || !code || !token || !expiresAt || Date.parse(expiresAt) <= now()) return undefined;
  return {
    to: user.email,
    subject: 'Set a new password for OKpay',
    lines: [
      'Somebody, most likely you, asked to set a new password for your OKpay',
      'account. In the terminal where you asked, type:',
      '',
      `okpay password reset ${code}`,
      '',
      'or open this page and choose the new password there:',
      '',
      `${publicUrl}/reset?token=${token}`,
      '',
      `Both are good once, until ${readableTime(expiresAt)}. Every session and token of your`,
      'account ends with it; a second factor stays.',
      '',
      'If it was not you, do nothing: your password stays as it is.',
      'Nobody from OKpay will ever ask you for the code.',
    ],
  };
}

/** The password was changed by somebody who knew the one before. */
export function passwordChanged(known: Known, payload: Payload): Draft | undefined {
  return told(known, payload, {
    subject: 'Your OKpay password was changed',
    opening: 'The password of your OKpay account was changed with the current one.',
  });
}

/** The password was set anew with a code from a mail. */
export function passwordReset(known: Known, payload: Payload): Draft | undefined {
  return told(known, payload, {
    subject: 'A new password was set for your OKpay account',
    opening: 'A new password was set for your OKpay account with a code from a mail.',
  });
}

function told(
  { userOf }: Known,
  { user = '', email, at, place, sessions, tokens }: Payload,
  { subject, opening }: { subject: string; opening: string },
): Draft | undefined {
  if (!userOf(user) || !email || !at || !place) return undefined;
  return {
    to: email,
    subject,
    lines: [
      opening,
      '',
      `When: ${readableTime(at)}`,
      `From: ${onOneLine(place)}`,
      '',
      ...listed('Sessions that ended with it, by device:', sessions),
      ...listed('Tokens that ended with it:', tokens),
      'If it was you, there is nothing you need to do. If it was not, set a new',
      'password at once:',
      '',
      'okpay password forgot',
    ],
  };
}

/** Names given by whoever logged in, as a JSON array: each on a line of its own. */
function listed(title: string, names = '[]'): string[] {
  const all = JSON.parse(names) as string[];
  return all.length === 0 ? [] : [title, ...all.map((name) => `- ${onOneLine(name)}`), ''];
}
