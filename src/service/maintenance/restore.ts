import { resolve } from 'node:path';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Contents, Replaced, Restoration } from '../../core/maintenance.ts';
import { countContents, transferIdPages } from '../store/contents.ts';
import type { Caretaker, Present } from '../store/engine/caretaker.ts';
import type { Reader } from '../store/engine/engine.ts';
import { proveContents } from './verify.ts';

/**
 * Puts a backup in the database's place, once it is proved. Without `force` only where nothing is, and only when its
 * books are sound. Throws `database_not_empty`, `backup_unusable`, `database_held`, `database_newer`.
 */
export async function restore(caretaker: Caretaker, path: string, force: boolean): Promise<Restoration> {
  const { engine, place, known } = caretaker;
  const file = resolve(path);
  const {
    weighed,
    how: pages,
    version,
    keptAs,
  } = await caretaker.restore(file, async (now, coming) => {
    const before = await whatIsThere(now);
    const proof = await proveContents(coming, known, known);
    if (!force && !isEmpty(before)) throw await notEmpty(before, now, coming, proof, path);
    if (!force && !proof.sound)
      throw new Refusal('backup_unusable', {
        path: file,
        reason: `Its books are not sound: ${proof.findings[0] ?? ''} With --force it is used all the same.`,
      });
    return { proof, before, forgotten: await countForgotten(before === 'unreadable' ? before : now, coming) };
  });
  const { proof, before, forgotten } = weighed;
  const replaced: Replaced | undefined =
    keptAs === undefined ? undefined : { keptAs, forgotten, ...(before === 'unreadable' ? {} : before) };
  return {
    file,
    engine,
    place,
    schema: { from: version, to: known },
    pages,
    ...proof,
    ...(replaced ? { replaced } : {}),
  };
}

type There = Contents | 'unreadable' | undefined;

async function whatIsThere(now: Present): Promise<There> {
  if (now === 'nothing') return undefined;
  if (now === 'unreadable') return 'unreadable';
  return countContents(now).catch(() => 'unreadable' as const);
}

function isEmpty(there: There): boolean {
  if (there === undefined) return true;
  return there !== 'unreadable' && there.counts.users === 0 && there.counts.transfers === 0;
}

async function notEmpty(
  there: There,
  now: Present,
  coming: Reader,
  backup: Partial<Contents>,
  path: string,
): Promise<Refusal> {
  if (there === undefined || there === 'unreadable')
    return new Refusal('database_not_empty', {
      what: 'There is a file that cannot be read in its place.',
      path,
    });
  const { users, transfers } = there.counts;
  const what = [
    `The database that is there has ${users} users and ${transfers} transfers${upTo(there)};`,
    `the backup has ${backup.counts?.users ?? 0} and ${backup.counts?.transfers ?? 0}${upTo(backup)}.`,
  ];
  const forgotten = await countForgotten(now, coming);
  if (forgotten > 0) what.push(`${forgotten} transfers would be forgotten.`);
  return new Refusal('database_not_empty', { what: what.join(' '), forgotten: String(forgotten), path });
}

function upTo({ lastTransferAt }: Partial<Contents>): string {
  return lastTransferAt === undefined ? '' : ` up to ${lastTransferAt}`;
}

/** How many transfers there are now that the backup does not know. */
async function countForgotten(now: Present, coming: Reader): Promise<number> {
  if (typeof now === 'string') return 0;
  let forgotten = 0;
  const known = transferIdPages(coming);
  let page: string[] = [];
  let at = 0;
  const nextKnown = async (): Promise<string | undefined> => {
    if (at >= page.length) {
      const next = await known.next();
      if (next.done) return undefined;
      [page, at] = [next.value, 0];
    }
    return page[at];
  };
  for await (const ids of transferIdPages(now)) {
    for (const id of ids) {
      let other = await nextKnown();
      while (other !== undefined && other < id) {
        at += 1;
        other = await nextKnown();
      }
      if (other !== id) forgotten += 1;
    }
  }
  return forgotten;
}
