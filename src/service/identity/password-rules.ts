import { Refusal } from '../../core/contract/refusals.ts';
import { LIMITS } from '../../core/contract/schemas.ts';
import { commonPasswords } from './common-passwords.ts';

/** NIST SP 800-63B-4, 3.1.1.2: the least length of a password that stands alone, each code point counted once. */
const LENGTH_ALONE = 15;
/** And of one beside which a second factor is always asked for. */
const LENGTH_WITH_FACTOR = 8;
/** A password made of one piece of this length or less, again and again, is as good as that piece. */
const LONGEST_REPEATED_PIECE = 4;
/** What people type when they run a finger along the alphabet, the digits or the keyboard: QWERTY, QWERTZ, AZERTY. */
const ROWS = [
  'abcdefghijklmnopqrstuvwxyz',
  '1234567890',
  'qwertyuiopasdfghjklzxcvbnm',
  'qwertzuiopasdfghjklyxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
];
/** Parts of an e-mail address, or of a password, shorter than this are too common to count as words of theirs. */
const SHORTEST_WORD = 4;

/** Whose password it is to be. `hasFactor`: a second factor is on, so it need not stand alone. */
export type About = { readonly email: string; readonly displayName: string; readonly hasFactor?: boolean };

/**
 * Checks a new password against NIST SP 800-63B-4, 3.1.1.2: long enough, and in its entirety not one of the things that
 * are guessed first. No rules of composition. Throws `password_weak`, which says why.
 */
export async function checkNewPassword(password: string, about: About): Promise<void> {
  checkPasswordBytes(password);
  if (!password.isWellFormed()) throw weak('It has half a character in it.');
  checkLength(password, about.hasFactor ?? false);
  const small = password.normalize('NFKC').toLowerCase().trim();
  if (isRepeated([...small])) throw weak('It is the same few characters again and again.');
  if (isRow(small)) throw weak('It is a plain sequence of the alphabet, the digits or the keyboard.');
  if (isOnlyWords(small, wordsAbout(about))) {
    throw weak('It is made of your e-mail address, your name or “okpay”, which is guessed first.');
  }
  const common = await commonPasswords();
  if (common.has(small)) throw weak('It is one that many people have chosen, and those are tried first.');
  if (isPair(small, common)) throw weak('It is two passwords in a row that many people have chosen.');
}

/** How many characters a new password has at least. */
export function leastLength(hasFactor: boolean): number {
  return hasFactor ? LENGTH_WITH_FACTOR : LENGTH_ALONE;
}

/** Refuses a password that is too short where it is to stand alone from now on. Throws `password_weak`. */
export function checkStandsAlone(password: string): void {
  if (lengthOf(password) >= LENGTH_ALONE) return;
  const reason = `Without a second factor your password needs at least ${LENGTH_ALONE} characters. Change it first.`;
  throw new Refusal('password_weak', { reason, next: 'okpay password change' });
}

function checkLength(password: string, hasFactor: boolean): void {
  const length = lengthOf(password);
  const least = leastLength(hasFactor);
  if (length >= least) return;
  throw weak(
    `It has ${length} characters and needs at least ${least}. A few words in a row are easy to remember.`,
  );
}

/** In code points, as typed or normalized, whichever is less. */
function lengthOf(password: string): number {
  return Math.min([...password].length, [...password.normalize('NFKC')].length);
}

/** Refuses a password too long to be hashed, before any work is done. Throws `password_weak`. */
export function checkPasswordBytes(password: string): void {
  if (Buffer.byteLength(password) > LIMITS.passwordBytes) {
    throw weak(`It is longer than ${LIMITS.passwordBytes} bytes.`);
  }
}

function isRepeated(characters: readonly string[]): boolean {
  for (let piece = 1; piece <= LONGEST_REPEATED_PIECE && piece * 2 <= characters.length; piece++) {
    if (characters.every((character, at) => character === characters[at % piece])) return true;
  }
  return false;
}

function isRow(text: string): boolean {
  return ROWS.some((row) => {
    const circle = row.repeat(Math.ceil(text.length / row.length) + 1);
    return circle.includes(text) || [...circle].reverse().join('').includes(text);
  });
}

/**
 * Whether it is two in a row of what is common. Lists have few long passwords (OWASP ASVS 5.0, V6.2.4 asks for the 3,000
 * most common of legal length), and this is what people make of a rule that asks for length.
 */
function isPair(text: string, common: ReadonlySet<string>): boolean {
  const isGuessed = (piece: string) =>
    common.has(piece) || (piece.length >= SHORTEST_WORD && (isRepeated([...piece]) || isRow(piece)));
  for (let at = 1; at < text.length; at++) {
    if (isGuessed(text.slice(0, at)) && isGuessed(text.slice(at))) return true;
  }
  return false;
}

/** Whether nothing but digits and marks is left once the words are taken out. */
function isOnlyWords(text: string, words: readonly string[]): boolean {
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text);
  return rest !== text && !/\p{L}/u.test(rest);
}

/** Longest first, so that a word inside a longer one does not leave pieces behind. */
function wordsAbout({ email, displayName }: About): string[] {
  const [local = '', domain = ''] = email.split('@');
  const parts = [...local.split(/[^\p{L}\p{N}]+/u), ...domain.split('.'), ...displayName.split(/\P{L}+/u)];
  return ['okpay', email, local, domain, displayName, displayName.replaceAll(' ', ''), ...parts]
    .map((word) => word.normalize('NFKC').toLowerCase())
    .filter((word) => word.length >= SHORTEST_WORD)
    .sort((a, b) => b.length - a.length);
}

function weak(reason: string): Refusal {
  return new Refusal('password_weak', { reason: `This password was not accepted. ${reason}` });
}
