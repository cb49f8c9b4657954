import { readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** A token was made: whoever has stolen a session would make one to stay. */
export function tokenCreated(
  { userOf }: Known,
  { user: id = '', name = '', expiresAt = '' }: Payload,
): Draft | undefined {
  const user = userOf(id);
  return (
    user && {
      to: user.email,
      subject: 'A token for programs was made for your OKpay account',
      lines: [
        `A token called “${name}” was made for your account. Until`,
        `${readableTime(expiresAt)}, programs can use your account with it.`,
        '',
        'If it was not you, end it, then change your password:',
        '',
        'okpay token list',
        'okpay token revoke NAME',
      ],
    }
  );
}
