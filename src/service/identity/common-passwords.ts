import { once } from '../../core/contract/once.ts';

/** What the oldest public list, SecLists' 10k-most-common, has beyond the package. */
const MORE = ['fingerig', 'films+pic+galeries', 'homepage-', 'hotmail0', 'hotmail1', 'sentnece'];

/**
 * 49,000 passwords that many people have chosen, as breaches brought them to light, in small letters: the list that
 * zxcvbn-ts keeps. It takes 20 ms to read, so it is read when somebody first chooses a password.
 */
const known = once(async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set([...dictionary['passwords-common'], ...MORE]);
});

/**
 * Whether a password, in small letters and normalised, is in its entirety one that many people have chosen, or two of
 * those in a row: `one`, `two`, or undefined. Lists have few long passwords (OWASP ASVS 5.0, V6.2.4 asks for the 3,000
 * most common of legal length), and two short ones in a row are what people make of a rule that asks for length.
 */
export async function commonness(password: string): Promise<'one' | 'two' | undefined> {
  const passwords = await known();
  if (passwords.has(password)) return 'one';
  for (let at = 1; at < password.length; at++) {
    if (passwords.has(password.slice(0, at)) && passwords.has(password.slice(at))) return 'two';
  }
  return undefined;
}
