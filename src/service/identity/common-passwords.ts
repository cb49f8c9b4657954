import { once } from '../../core/contract/once.ts';

/** What the oldest public list, SecLists' 10k-most-common, has beyond the package. */
const MORE = ['fingerig', 'films+pic+galeries', 'homepage-', 'hotmail0', 'hotmail1', 'sentnece'];

/**
 * 49,000 passwords that many people have chosen, as breaches brought them to light, in small letters: the list that
 * zxcvbn-ts keeps, which leaves out plain sequences and repetitions. It takes 20 ms to read, so it is read when somebody
 * first chooses a password.
 */
export const commonPasswords = once(async (): Promise<ReadonlySet<string>> => {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set([...dictionary['passwords-common'], ...MORE]);
});
