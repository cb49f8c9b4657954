import { readableTime } from '../mail.ts';
import type { Composer } from './draft.ts';

/** What to do about a change that the holder did not make. */
const NOT_YOU = [
  'If it was not you, somebody has got into your account. Log in, end the other',
  'sessions, and set a new password:',
  '',
  'okpay session list',
];

/** The second factor was turned on. */
export const factorEnabled = telling('The second factor of your OKpay account is on', (when) => [
  `The second factor of your account was turned on at ${when}. From now on a`,
  'login takes a code too, and all other sessions have ended.',
]);

/** The second factor was turned off. */
export const factorDisabled = telling('The second factor of your OKpay account is off', (when) => [
  `The second factor of your account was turned off at ${when}. A login takes`,
  'only the password now. Recovery codes no longer work, payments no longer ask',
  'for a code, and all other sessions have ended.',
]);

/** There are new recovery codes. */
export const recoveryCodesReplaced = telling('Your OKpay account has new recovery codes', (when) => [
  `Ten new recovery codes were made for your account at ${when}. The earlier`,
  'ones no longer work.',
]);

/** A recovery code was used. */
export const recoveryCodeUsed = telling(
  'A recovery code of your OKpay account was used',
  (when, { left }) => [
    `One of your recovery codes was used at ${when}. It works only once.`,
    `Codes that are left: ${left ?? '0'}. To make ten new ones:`,
    '',
    'okpay 2fa codes',
  ],
);

/** Somebody had the password and not the code (ASVS V6.3.5). */
export const halfLogin = telling('Somebody typed the right password of your OKpay account', (when) => [
  `At ${when} somebody logged in to your account with the right password and`,
  'a wrong code. They were not let in.',
]);

function telling(
  subject: string,
  lines: (when: string, payload: Parameters<Composer>[1]) => readonly string[],
): Composer {
  return ({ userOf }, payload) => {
    const user = userOf(payload['user'] ?? '');
    if (!user || !payload['at']) return undefined;
    return {
      to: user.email,
      subject,
      lines: [...lines(readableTime(payload['at']), payload), '', ...NOT_YOU],
    };
  };
}
