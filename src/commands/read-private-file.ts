import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { Refusal } from '../core/contract/refusals.ts';

/** Reads a file with `what` in it, such as `the password`, that only the user can read. Throws `usage_invalid`. */
export function readPrivateFile(path: string, what: string): string {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    const reason = `“${path}” cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    throw new Refusal('usage_invalid', { reason });
  }
  try {
    if (process.getuid && (fstatSync(file).mode & 0o077) !== 0)
      throw new Refusal('usage_invalid', {
        reason: `Others on this machine can read “${path}”, so ${what} in it was not used.`,
        next: `chmod 600 ${path}`,
      });
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
