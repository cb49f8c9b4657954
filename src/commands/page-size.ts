import { InvalidArgumentError } from 'commander';
import { LIMITS } from '../core/contract/schemas.ts';

/** Reads `--limit`: how many on a page. */
export function pageSize(text: string): number {
  return wholeNumber(text, LIMITS.pageSize);
}

/** Reads a whole number from 1 to `most`. */
export function wholeNumber(text: string, most: number): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= most) return Number(text);
  throw new InvalidArgumentError(`It is a number from 1 to ${most}.`);
}
