import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** A bank account was added: whoever has stolen a session would add one of their own. */
export function bankAccountAdded({ userOf }: Known, payload: Payload): Draft | undefined {
  const { user = '', email, at, place, usableFrom } = payload;
  if (!userOf(user) || !email || !at || !usableFrom) return undefined;
  return {
    to: email,
    subject: 'A bank account was added to your OKpay account',
    lines: [
      'A bank account was added that your money can be withdrawn to:',
      '',
      ...accountLines(payload),
      `Added: ${readableTime(at)}, from ${place}`,
      `Can be used from: ${readableTime(usableFrom)}`,
      '',
      'If it was you, there is nothing you need to do.',
      '',
      'If it was not you, remove it before it can be used, throw everybody else',
      'out, and choose another password:',
      '',
      'okpay bank list',
      'okpay bank remove ACCOUNT',
      'okpay session revoke --all-others',
      'okpay password change',
    ],
  };
}

/** A bank account was removed. */
export function bankAccountRemoved({ userOf }: Known, payload: Payload): Draft | undefined {
  const { user = '', email, at, place } = payload;
  if (!userOf(user) || !email || !at) return undefined;
  return {
    to: email,
    subject: 'A bank account was removed from your OKpay account',
    lines: [
      'Your money can no longer be withdrawn to this bank account:',
      '',
      ...accountLines(payload),
      `Removed: ${readableTime(at)}, from ${place}`,
      '',
      'Withdrawals to it that are under way go on. If it was not you, see what',
      'happened, and choose another password:',
      '',
      'okpay activity',
      'okpay password change',
    ],
  };
}

function accountLines({ holderName = '', country, currency, ending }: Payload): string[] {
  return [`In the name of: “${onOneLine(holderName)}”`, `Account: ${country} •••${ending}, ${currency}`];
}
