import { hash, timingSafeEqual } from 'node:crypto';

/** Crockford's base 32: no I, L, O or U, so that what is read is what was meant. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_LENGTH = 8;
const TOKEN_BYTES = 32;
/** 192 bits: as little to be guessed, and short enough for a link to stay on one line of a mail. */
const LINK_TOKEN_BYTES = 24;

/** A code to type, 40 random bits shown as `XXXX-XXXX`. Enough for the few tries it is good for. */
export function makeCode(random: (bytes: number) => Uint8Array): string {
  // 256 is a multiple of 32, so every character is equally likely.
  const characters = [...random(CODE_LENGTH)].map((byte) => ALPHABET.charAt(byte & 31)).join('');
  return `${characters.slice(0, 4)}-${characters.slice(4)}`;
}

/** What was meant by a typed code: any case, with or without blanks and hyphens, O for 0 and I or L for 1. */
export function readCode(text: string): string {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1');
  return `${plain.slice(0, 4)}-${plain.slice(4)}`;
}

/** A session token: `okp_` and 256 random bits in base64url. */
export function makeSessionToken(random: (bytes: number) => Uint8Array): string {
  return `okp_${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`;
}

/** A device token: `okd_` and 256 random bits in base64url. It lets nobody in. */
export function makeDeviceToken(random: (bytes: number) => Uint8Array): string {
  return `okd_${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`;
}

/** A token for programs: `okt_` and 256 random bits in base64url. */
export function makeApiToken(random: (bytes: number) => Uint8Array): string {
  return `okt_${Buffer.from(random(TOKEN_BYTES)).toString('base64url')}`;
}

/** The token in a mailed link: 32 characters of base64url. */
export function makeLinkToken(random: (bytes: number) => Uint8Array): string {
  return Buffer.from(random(LINK_TOKEN_BYTES)).toString('base64url');
}

/** What is stored of a code: SHA-256, bound to the thing it belongs to, so that it opens nothing else. */
export function codeHashOf(registration: string, code: string): string {
  return hash('sha256', `${registration} ${code}`, 'base64url');
}

/** Whether two hashes are equal, in constant time. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
