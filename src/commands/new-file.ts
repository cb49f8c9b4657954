import { randomBytes } from 'node:crypto';
import { link, lstat, open, rename, rm } from 'node:fs/promises';
import { dirname, join, basename } from 'node:path';
import { Refusal } from '../core/contract/refusals.ts';

/**
 * Writes a text as it arrives into a file that only the user can read, whole or not at all: it is written beside its
 * place first, and appears there when it is complete and on the disk. Nothing that exists is touched without `force`,
 * and links are never followed. Throws `usage_invalid` naming what stands in the way, and `storage_full`.
 */
export async function writeNewFile(path: string, text: AsyncIterable<string>, force: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found && !found.isFile()) throw refused(path, 'is not a plain file');
  if (found && !force) throw refused(path, 'exists already; --force replaces it');
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      // Not write: on a disk that is getting full it may write a part and say nothing.
      for await (const chunk of text) await file.writeFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    if (force) await rename(draft, path);
    else await putInPlace(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Refusal('storage_full');
    if (code === 'EEXIST') throw refused(path, 'exists already; --force replaces it');
    if (error instanceof Refusal || code === undefined) throw error;
    throw refused(path, `cannot be written (${code})`);
  }
}

/** A rename would replace a file that appeared meanwhile; a link does not. */
async function putInPlace(draft: string, path: string): Promise<void> {
  await link(draft, path);
  await rm(draft);
}

function refused(path: string, why: string): Refusal {
  return new Refusal('usage_invalid', { reason: `“${path}” ${why}. Nothing was written.` });
}
