import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';

/**
 * Reads a plain file as it is when it is opened: a link is not followed, and nothing that never ends is waited for. The
 * open file is looked at by `check`, not the path, which could be exchanged in between. Undefined when there is no file.
 * Throws what `refuse` makes of the reason, the rest of a sentence, and what `check` throws.
 */
export function readPlain(
  path: string,
  refuse: (why: string) => Error,
  check: (facts: Stats) => void,
): string | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw refuse(code === 'ELOOP' ? 'is a symbolic link' : `cannot be opened (${code})`);
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) throw refuse('is not a plain file');
    check(facts);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
}
