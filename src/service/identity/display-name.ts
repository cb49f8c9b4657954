import { Refusal } from '../../core/contract/refusals.ts';
import { LIMITS } from '../../core/contract/schemas.ts';

/** Line ends and other control characters, half surrogates, tags, and marks that turn the direction of writing. */
const NOT_IN_A_NAME =
  /[\p{Cc}\p{Cs}\p{Co}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/u;

/**
 * Checks the name other people will see and gives it back in Unicode form NFC. Any script is fine.
 * Throws `input_invalid` for a name that is too long in that form, and for characters that could break a line, a mail header or the direction of writing.
 */
export function checkDisplayName(text: string): string {
  const name = text.normalize('NFC');
  const reason = NOT_IN_A_NAME.test(name)
    ? 'has a character in it that cannot be shown in a name'
    : !/[\p{L}\p{N}]/u.test(name)
      ? 'needs a letter or a digit'
      : name !== name.trim()
        ? 'begins or ends with a blank'
        : name.length > LIMITS.displayNameLength
          ? `takes at most ${LIMITS.displayNameLength} characters`
          : undefined;
  if (reason !== undefined) throw new Refusal('input_invalid', { field: 'displayName', reason });
  return name;
}
