import { mkdir, open, rename, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../core/sync-folder.ts';
import { makeInPlace } from './new-place.ts';

const TAKEN = 'exists already; give another name';

/** A part of one file; the parts of a file come one after the other. `file` is a plain name. */
export type FilePiece = { readonly file: string; readonly text: string };

/**
 * Writes files as they arrive into a new folder that only the user can look into, all of them or none: the folder
 * appears when they are complete and on the disk. Nothing that exists is ever touched. Throws `usage_invalid` naming what
 * stands in the way, and `storage_full`.
 */
export function writeNewFolder(path: string, pieces: AsyncIterable<FilePiece>): Promise<void> {
  return makeInPlace(path, {
    refuse: () => TAKEN,
    taken: TAKEN,
    make: async (draft) => {
      await mkdir(draft, { mode: 0o700 });
      await writeFiles(draft, pieces);
      syncFolder(draft);
    },
    // Onto a folder with something in it, a file or a link, this fails.
    put: (draft) => rename(draft, path),
  });
}

async function writeFiles(folder: string, pieces: AsyncIterable<FilePiece>): Promise<void> {
  let current: { readonly name: string; readonly handle: FileHandle } | undefined;
  try {
    for await (const { file: name, text } of pieces) {
      if (current?.name !== name) {
        await current?.handle.sync();
        await current?.handle.close();
        current = undefined;
        current = { name, handle: await open(join(folder, name), 'wx', 0o600) };
      }
      await current.handle.writeFile(text);
    }
    await current?.handle.sync();
  } finally {
    await current?.handle.close();
  }
}
