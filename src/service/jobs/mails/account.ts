import { readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Nothing in this mail comes from whoever registered: it may go to somebody who never heard of them. */
export function verify(known: Known, { email, code, token, expiresAt }: Payload): Draft | undefined {
  if (!email || !code || !token || !expiresAt || Date.parse(expiresAt) <= known.now()) return undefined;
  return {
    to: email,
    subject: 'Confirm your e-mail address for OKpay',
    lines: [
      'Somebody, most likely you, is opening an OKpay account with this e-mail',
      'address. To confirm that the address is yours, type:',
      '',
      `okpay verify ${code}`,
      '',
      'or open this page and press the button:',
      '',
      `${known.publicUrl}/verify?token=${token}`,
      '',
      `Both are good once, until ${readableTime(expiresAt)}.`,
      '',
      'If it was not you, do nothing: without the code there is no account.',
      'Nobody from OKpay will ever ask you for it.',
    ],
  };
}

/** To the owner of an account whose address somebody registers again. */
export function alreadyRegistered({ userOf }: Known, { user: id = '' }: Payload): Draft | undefined {
  const user = userOf(id);
  return (
    user && {
      to: user.email,
      subject: 'Your e-mail address was used to register at OKpay',
      lines: [
        'Somebody tried to open an OKpay account with this e-mail address. You',
        'have an account already, and nothing about it has changed.',
        '',
        'If it was you, log in with the password you chose then:',
        '',
        'okpay login',
        '',
        'If it was not you, there is nothing you need to do.',
      ],
    }
  );
}

/** The account is open. */
export function welcome({ userOf }: Known, { user: id = '' }: Payload): Draft | undefined {
  const user = userOf(id);
  return (
    user && {
      to: user.email,
      subject: 'Your OKpay account is open',
      lines: ['Your e-mail address is confirmed and your account is open. Log in:', '', 'okpay login'],
    }
  );
}
