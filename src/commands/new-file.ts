import { link, open, rename, rm } from 'node:fs/promises';
import { makeInPlace } from './new-place.ts';

const TAKEN = 'exists already; --force replaces it';

/**
 * Writes a text as it arrives into a file that only the user can read, whole or not at all: it is written beside its
 * place first, and appears there when it is complete and on the disk. Nothing that exists is touched without `force`,
 * and links are never followed. Throws `usage_invalid` naming what stands in the way, and `storage_full`.
 */
export function writeNewFile(path: string, text: AsyncIterable<string>, force: boolean): Promise<void> {
  return makeInPlace(path, {
    refuse: (found) => {
      if (!found.isFile()) return 'is not a plain file';
      return force ? undefined : TAKEN;
    },
    taken: TAKEN,
    make: (draft) => writeWhole(draft, text),
    put: (draft) => (force ? rename(draft, path) : putInPlace(draft, path)),
  });
}

/** Writes a text as it arrives into a file that is not there yet, for the user alone, down to the disk. */
export async function writeWhole(path: string, text: AsyncIterable<string>): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    // Not write: on a disk that is getting full it may write a part and say nothing.
    for await (const chunk of text) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename would replace a file that appeared meanwhile; a link does not. */
async function putInPlace(draft: string, path: string): Promise<void> {
  await link(draft, path);
  await rm(draft);
}
