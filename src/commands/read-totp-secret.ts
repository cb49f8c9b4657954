import { existsSync } from 'node:fs';
import { Refusal } from '../core/contract/refusals.ts';
import { readTotpSecret } from '../core/totp.ts';
import { readPrivateFile } from './read-private-file.ts';

/**
 * The secret of a second factor in base 32, from what OKPAY_TOTP_SECRET says: the secret itself, its `otpauth://`
 * address, or the path of a file that has either and that only the user can read. Throws `usage_invalid`, which never
 * shows what was given.
 */
export function readSecret(given: string): string {
  const secret =
    readTotpSecret(given) ??
    (existsSync(given) ? readTotpSecret(readPrivateFile(given, 'the secret')) : undefined);
  if (secret !== undefined) return secret;
  throw new Refusal('usage_invalid', {
    reason: 'OKPAY_TOTP_SECRET is neither the secret of a second factor nor a file that has one in it.',
  });
}
