import { ScureBase32Plugin, generateSync, generateURI, verifySync } from 'otplib';

/** How long a code is shown, in milliseconds; 6 digits and HMAC-SHA-1, as every authenticator app has them (RFC 6238). */
export const TOTP_STEP_MS = 30_000;
const STEP_SECONDS = TOTP_STEP_MS / 1_000;
/** A shorter secret is none: RFC 4226, 4, asks for 128 bits at least. */
const LEAST_SECRET_CHARACTERS = 26;

/** Which time step an instant (Unix milliseconds) is in. */
export function totpStepAt(ms: number): number {
  return Math.floor(ms / TOTP_STEP_MS);
}

/** The code of a secret (base 32) at an instant in Unix milliseconds. */
export function totpCode(secret: string, ms: number): string {
  return generateSync({ secret, epoch: Math.floor(ms / 1_000) });
}

/**
 * The time step a code is of, when it is of one after `after`, and now or one step away: clocks differ, and typing takes
 * a while (RFC 6238, 5.2). Compared in constant time. Undefined when the code is not accepted.
 */
export function acceptedTotpStep(
  secret: string,
  code: string,
  ms: number,
  after: number,
): number | undefined {
  // A clock that was set back: nothing is accepted until it has caught up.
  if (after > totpStepAt(ms)) return undefined;
  const epoch = Math.floor(ms / 1_000);
  const found = verifySync({
    secret,
    token: code,
    epoch,
    epochTolerance: STEP_SECONDS,
    afterTimeStep: after,
  });
  return found.valid && 'timeStep' in found ? found.timeStep : undefined;
}

/** A secret in base 32 (RFC 4648), without padding: the form in which people and apps take it. */
export function encodeTotpSecret(bytes: Uint8Array): string {
  return new ScureBase32Plugin().encode(bytes);
}

/** What the QR code says, in the form authenticator apps have agreed on: `otpauth://totp/OKpay:…`. */
export function totpUri(secret: string, email: string): string {
  return generateURI({ issuer: 'OKpay', label: email, secret });
}

/** The secret in a text: base 32 as people write it, or an `otpauth://` address. Undefined when it is neither. */
export function readTotpSecret(text: string): string | undefined {
  const trimmed = text.trim();
  const url = trimmed.startsWith('otpauth://') && URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  const secret = (url ? (url.searchParams.get('secret') ?? '') : trimmed)
    .toUpperCase()
    .replace(/[\s-]/g, '')
    .replace(/^([A-Z2-7]+)=+$/, '$1');
  return /^[A-Z2-7]+$/.test(secret) && secret.length >= LEAST_SECRET_CHARACTERS ? secret : undefined;
}
