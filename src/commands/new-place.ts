import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Refusal } from '../core/contract/refusals.ts';

/** How something comes to be at a place on the disk. */
export type Making = {
  /** Why it cannot be there while something is; nothing when it may take the place of `found`, which is no link's end. */
  readonly refuse: (found: Stats) => string | undefined;
  /** What is said when something appears there meanwhile. */
  readonly taken: string;
  /** Makes the whole of it at `draft`, a name beside its place that nobody has. */
  readonly make: (draft: string) => Promise<void>;
  /** Puts it in its place. */
  readonly put: (draft: string) => Promise<void>;
};

const TAKEN = new Set(['EEXIST', 'ENOTEMPTY', 'ENOTDIR']);

/**
 * Makes something that appears at its place whole or not at all; nothing is left of half of it. Throws `usage_invalid`
 * naming what stands in the way, and `storage_full`.
 */
export async function makeInPlace(path: string, { refuse, taken, make, put }: Making): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  const why = found && refuse(found);
  if (why !== undefined) throw refused(path, why);
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  let isMade = false;
  try {
    await make(draft);
    isMade = true;
    await put(draft);
  } catch (error) {
    // A name that cannot be written cannot be removed either: what stood in the way is what is said.
    await rm(draft, { recursive: true, force: true }).catch(() => undefined);
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw new Refusal('storage_full');
    if (error instanceof Refusal || code === undefined) throw error;
    throw refused(path, isMade && TAKEN.has(code) ? taken : `cannot be written (${code})`);
  }
}

function refused(path: string, why: string): Refusal {
  return new Refusal('usage_invalid', { reason: `“${path}” ${why}. Nothing was written.` });
}
