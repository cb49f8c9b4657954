import { chmodSync, lstatSync, renameSync, writeFileSync } from 'node:fs';
import { Refusal } from './contract/refusals.ts';
import { makePrivateFolder } from './places.ts';
import { readPlain } from './read-plain.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * Writes a value that only the user may read. Renamed into place, so that a crash leaves the old file or the new one, and
 * a symlink is replaced, not followed. Both the file and its name are on the disk before this returns.
 */
export function writePrivateJson(folder: string, path: string, value: object): void {
  chmodSync(makePrivateFolder(folder), 0o700);
  const draft = `${path}.${process.pid}-${Date.now()}`;
  writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, path);
  syncFolder(folder);
}

/** The value in a file that is the user's alone, or undefined when there is no file. Throws `session_unsafe`. */
export function readPrivateJson(folder: string, path: string): unknown {
  const text = readPlain(
    path,
    (why) => unsafe(path, `it ${why}.`),
    ({ uid, mode }) => {
      checkFolder(folder, path);
      if (process.getuid && uid !== process.getuid()) throw unsafe(path, 'it belongs to another user.');
      if (process.getuid && (mode & 0o077) !== 0)
        throw unsafe(path, 'others on this machine can read it. Log in again, and end the old session.');
    },
  );
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw unsafe(path, 'it is not valid JSON.');
  }
}

/** Whoever may write into the folder could put another file in this one's place. */
function checkFolder(folder: string, path: string): void {
  const me = process.getuid?.();
  if (me === undefined) return;
  const { uid, mode } = lstatSync(folder);
  if (uid !== me) throw unsafe(path, 'the folder it is in belongs to another user.');
  if ((mode & 0o022) !== 0) throw unsafe(path, 'others on this machine can write into the folder it is in.');
}

/** The refusal of a file with a secret in it that was not used. */
export function unsafe(path: string, reason: string): Refusal {
  return new Refusal('session_unsafe', { path, reason });
}
