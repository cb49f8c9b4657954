import { hash } from 'node:crypto';
import type { Deps } from '../deps.ts';

/** Crockford's base 32: no I, L, O or U, so that what is read is what was meant. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** 60 bits: nobody guesses one that was given out. */
const LENGTH = 12;
const PURPOSE = 'proof of a mail';

/**
 * The code that shows a mail, or a message from staff, to be ours: `OKP-XXXX-XXXX-XXXX`. It is made from what it is for
 * and from the keys, so that a mail that goes out again carries the same one; where there are no keys, at random.
 */
export function makeProofCode({ keyring, random }: Pick<Deps, 'keyring' | 'random'>, of: string): string {
  const bytes = keyring.derive(PURPOSE, of) ?? random(LENGTH);
  // 256 is a multiple of 32, so every character is equally likely.
  const letters = [...bytes.slice(0, LENGTH)].map((byte) => ALPHABET.charAt(byte & 31)).join('');
  return grouped(letters);
}

/** What is kept of a proof code; undefined for a text that cannot be one. Any case, blanks and hyphens are taken. */
export function proofHashOf(typed: string): string | undefined {
  const plain = typed
    .toUpperCase()
    .replace(/[\s-]/g, '')
    // The three letters before the code have an O in them that is meant.
    .replace(/^[O0]KP/, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1');
  if (plain.length !== LENGTH || [...plain].some((letter) => !ALPHABET.includes(letter))) return undefined;
  return hash('sha256', grouped(plain), 'base64url');
}

function grouped(letters: string): string {
  return `OKP-${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}
