import type { Value } from './engine/engine.ts';

/** Rows asked for at once by the streaming reads: memory stays flat and other work gets its turn. */
export const PAGE_SIZE = 200;

/** Reads page after page by the key of the last row, until a page is empty. */
export async function* pages<R, Key>(
  start: Key,
  keyOf: (row: R) => Key,
  rowsAfter: (key: Key) => Promise<R[]>,
): AsyncGenerator<R[]> {
  for (let key = start; ;) {
    const rows = await rowsAfter(key);
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    key = keyOf(last);
  }
}

/** What lies after one key and up to another. */
export type Range = { readonly after: string; readonly upTo: string };

/**
 * Cuts a table, from after `start` on, into ranges of as many keys as `lastAfter` goes on to, until it finds none. Rows of a range may then be
 * narrowed down to few or none, and each question stays short all the same.
 */
export async function* ranges(
  lastAfter: (after: string) => Promise<{ last: string | null } | undefined>,
  start = '',
): AsyncGenerator<Range> {
  for (let after = start; ;) {
    const upTo = (await lastAfter(after))?.last ?? undefined;
    if (upTo === undefined) return;
    yield { after, upTo };
    after = upTo;
  }
}

/** From `since` on and before `until`, in RFC 3339 as times are stored. */
export type Period = { readonly since?: string | undefined; readonly until?: string | undefined };

/** What narrows a question down to rows whose `column` lies within a period. */
export function withinPeriod(column: string, { since, until }: Period): [sql: string, values: Value[]] {
  const from = since === undefined ? '' : ` AND ${column} >= ?`;
  const to = until === undefined ? '' : ` AND ${column} < ?`;
  return [from + to, [since, until].filter((time) => time !== undefined)];
}
