import { Refusal } from '../../core/contract/refusals.ts';

/**
 * Checks a phone number in E.164 form: a plus sign and up to 15 digits, the first not zero (ITU-T E.164, 6.2.1).
 * Throws the refusal `phone_invalid`.
 */
export function checkPhone(text: string): string {
  if (!/^\+[1-9][0-9]{6,14}$/.test(text)) throw new Refusal('phone_invalid');
  return text;
}
