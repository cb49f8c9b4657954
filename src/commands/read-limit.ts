import { InvalidArgumentError } from 'commander';
import { LIMITS } from '../core/contract/schemas.ts';

/** How many rows a page may have, as typed after `--limit`. */
export function readLimit(text: string): number {
  if (/^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= LIMITS.pageSize) return Number(text);
  throw new InvalidArgumentError(`It is a number from 1 to ${LIMITS.pageSize}.`);
}
