import { Refusal } from '../../core/contract/refusals.ts';

/**
 * Refuses text that a database could not give back exactly as it was written: PostgreSQL has no NUL, and half a
 * surrogate pair has no UTF-8. Everything else is kept as it is, and made safe where it is shown.
 * Throws `input_invalid` naming the field.
 */
export function checkKept(field: string, text: string | undefined): void {
  if (text === undefined || (text.isWellFormed() && !text.includes('\0'))) return;
  throw new Refusal('input_invalid', { field, reason: 'has a character in it that cannot be kept' });
}
