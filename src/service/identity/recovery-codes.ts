import { codeHashOf, makeCode, readCode } from './codes.ts';

/** How many are made at once. */
const RECOVERY_CODES = 10;

/** Ten codes of 80 random bits each, shown as `XXXX-XXXX-XXXX-XXXX`, to be kept for when the other factor is lost. */
export function makeRecoveryCodes(random: (bytes: number) => Uint8Array): string[] {
  return Array.from({ length: RECOVERY_CODES }, () => `${makeCode(random)}-${makeCode(random)}`);
}

/** What is stored of a recovery code, as it was made or as somebody types it: SHA-256 is enough for 80 random bits. */
export function recoveryCodeHashOf(user: string, code: string): string {
  return codeHashOf(user, readCode(code));
}
