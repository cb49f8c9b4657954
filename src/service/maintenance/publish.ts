import { accessSync, constants, linkSync, lstatSync, renameSync, rmSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { Refusal } from '../../core/contract/refusals.ts';
import { syncFolder } from '../../core/sync-folder.ts';

/** What a file system says that has no links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EINVAL', 'EMLINK'];

/** Throws `usage_invalid` when a file cannot be made at `path`, before anything is done for it. */
export function checkPlace(path: string, force: boolean): void {
  let found: Stats | undefined;
  try {
    accessSync(dirname(path), constants.W_OK);
    found = lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw refuseFile(path, `cannot be written (${(error as NodeJS.ErrnoException).code})`);
  }
  if (found && !found.isFile()) throw refuseFile(path, 'is not a plain file');
  if (found && !force) throw refuseFile(path, 'exists already; --force replaces it');
}

/**
 * Lets `write` make a file at `draft`, and puts it at `path` once it is whole; nothing that exists is touched without
 * `force`. Throws `usage_invalid` naming what stands in the way, and `storage_full`.
 */
export async function publish<T>(
  draft: string,
  path: string,
  force: boolean,
  write: () => Promise<T>,
): Promise<T> {
  try {
    const result = await write();
    if (force) renameSync(draft, path);
    else putInPlace(draft, path);
    syncFolder(dirname(path));
    return result;
  } catch (error) {
    rmSync(draft, { force: true });
    const { code, errcode = 0 } = error as { code?: string; errcode?: number };
    // The second is SQLite's word for it.
    if (code === 'ENOSPC' || code === 'EDQUOT' || (errcode & 0xff) === 13) throw new Refusal('storage_full');
    if (code === 'EEXIST') throw refuseFile(path, 'exists already; --force replaces it');
    if (['ENOENT', 'EACCES', 'EROFS', 'ENOTDIR'].includes(code ?? ''))
      throw refuseFile(path, `cannot be written (${code})`);
    throw error;
  }
}

function refuseFile(path: string, why: string): Refusal {
  return new Refusal('usage_invalid', { reason: `“${path}” ${why}. Nothing was written.` });
}

/** A rename would replace a file that appeared meanwhile; a link does not. */
function putInPlace(draft: string, path: string): void {
  try {
    linkSync(draft, path);
    rmSync(draft);
  } catch (error) {
    if (!NO_LINKS.includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    if (lstatSync(path, { throwIfNoEntry: false }))
      throw refuseFile(path, 'exists already; --force replaces it');
    renameSync(draft, path);
  }
}
