import { Refusal } from '../../core/contract/refusals.ts';
import { LIMITS } from '../../core/contract/schemas.ts';

/** NIST SP 800-63B-4, 3.1.1.2: the least length of a password that stands alone, each code point counted once. */
const MINIMUM_LENGTH = 15;
/** A password made of one piece of this length or less, again and again, is as good as that piece. */
const LONGEST_REPEATED_PIECE = 4;
/** What people type when they run a finger along the alphabet, the digits or the keyboard. */
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '1234567890', 'qwertyuiopasdfghjklzxcvbnm'];
/** Parts of an e-mail address shorter than this are too common to count as its words. */
const SHORTEST_WORD = 4;

/**
 * Checks a new password against NIST SP 800-63B-4, 3.1.1.2: long enough, and in its entirety not one of the things that
 * are guessed first. No rules of composition. Throws `password_weak`, which says why.
 */
export function checkNewPassword(password: string, about: { email: string; displayName: string }): void {
  checkPasswordBytes(password);
  const normal = password.normalize('NFKC');
  const length = Math.min([...password].length, [...normal].length);
  if (!password.isWellFormed()) throw weak('It has half a character in it.');
  if (length < MINIMUM_LENGTH) {
    throw weak(
      `It has ${length} characters and needs at least ${MINIMUM_LENGTH}. A few words in a row are easy to remember.`,
    );
  }
  const small = normal.toLowerCase();
  if (isRepeated([...small])) throw weak('It is the same few characters again and again.');
  if (isRow(small)) throw weak('It is a plain sequence of the alphabet, the digits or the keyboard.');
  if (isOnlyWords(small, wordsAbout(about))) {
    throw weak('It is made of your e-mail address, your name or “okpay”, which is guessed first.');
  }
}

/** Refuses a password too long to be hashed, before any work is done. Throws `password_weak`. */
export function checkPasswordBytes(password: string): void {
  if (Buffer.byteLength(password) > LIMITS.passwordBytes) {
    throw weak(`It is longer than ${LIMITS.passwordBytes} bytes.`);
  }
}

function isRepeated(characters: readonly string[]): boolean {
  for (let piece = 1; piece <= LONGEST_REPEATED_PIECE; piece++) {
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

/** Whether nothing but digits and marks is left once the words are taken out. */
function isOnlyWords(text: string, words: readonly string[]): boolean {
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text);
  return rest !== text && !/\p{L}/u.test(rest);
}

/** Longest first, so that a word inside a longer one does not leave pieces behind. */
function wordsAbout({ email, displayName }: { email: string; displayName: string }): string[] {
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
