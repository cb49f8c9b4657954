import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** To the address an account is to move to. Nothing in it comes from whoever asked: it may go to a stranger. */
export function changeEmail(known: Known, { email, code, expiresAt }: Payload): Draft | undefined {
  if (!email || !code || !expiresAt || Date.parse(expiresAt) <= known.now()) return undefined;
  return {
    to: email,
    subject: 'Confirm your new e-mail address for OKpay',
    lines: [
      'Somebody, most likely you, is moving an OKpay account to this e-mail',
      'address. To confirm that the address is yours, type in the terminal',
      'where you asked:',
      '',
      `okpay email confirm ${code}`,
      '',
      `It is good once, until ${readableTime(expiresAt)}.`,
      '',
      'If it was not you, do nothing: without the code nothing moves.',
      'Nobody from OKpay will ever ask you for it.',
    ],
  };
}

/** To the owner of an account whose address somebody wants another account to move to. */
export function addressTaken({ userOf }: Known, { user: id = '' }: Payload): Draft | undefined {
  const user = userOf(id);
  return (
    user && {
      to: user.email,
      subject: 'Somebody tried to use your e-mail address at OKpay',
      lines: [
        'Somebody tried to move another OKpay account to this e-mail address. Your',
        'account has the address already, and nothing about it has changed.',
        '',
        'There is nothing you need to do. To leave this address, move your own',
        'account first:',
        '',
        'okpay email change',
      ],
    }
  );
}

/** To the address an account is at: it may be moved away from there. */
export function emailChangeAsked(
  { userOf }: Known,
  { user = '', email, newEmail, at, place }: Payload,
): Draft | undefined {
  if (!userOf(user) || !email || !newEmail || !at || !place) return undefined;
  return {
    to: email,
    subject: 'Your OKpay account may move to another e-mail address',
    lines: [
      'Somebody who is logged in to your OKpay account asked to move it to the',
      'e-mail address',
      '',
      newEmail,
      '',
      `When: ${readableTime(at)}`,
      `From: ${onOneLine(place)}`,
      '',
      'It moves once the code that was mailed there is typed. If it was not you,',
      'change your password now, which ends this and all other sessions:',
      '',
      'okpay password change',
    ],
  };
}

/** To the address an account has moved to, and to the one it was at. */
export function emailChanged(
  { userOf }: Known,
  { user = '', email, oldEmail, newEmail, at, place }: Payload,
): Draft | undefined {
  if (!userOf(user) || !email || !oldEmail || !newEmail || !at || !place) return undefined;
  return {
    to: email,
    subject: 'Your OKpay account has moved to another e-mail address',
    lines: [
      'Your OKpay account has moved',
      '',
      `from ${oldEmail}`,
      `to ${newEmail}`,
      '',
      `When: ${readableTime(at)}`,
      `From: ${onOneLine(place)}`,
      '',
      'All sessions but the one that did it have ended. Mails go to the new',
      'address from now on; for 30 days the old one is told of changes too.',
      '',
      'If it was not you, write to whoever runs this wallet at once.',
    ],
  };
}
