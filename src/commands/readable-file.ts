import { statSync } from 'node:fs';
import { Refusal } from '../core/contract/refusals.ts';

/** Throws `usage_invalid` unless there is such a file. */
export function checkReadable(file: string): void {
  try {
    if (!statSync(file).isFile()) throw new Refusal('usage_invalid', { reason: `“${file}” is not a file.` });
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new Refusal('usage_invalid', {
      reason: `“${file}” cannot be read (${(error as NodeJS.ErrnoException).code}).`,
    });
  }
}
