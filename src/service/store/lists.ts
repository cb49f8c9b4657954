import type { Question, Reader, Row, Value } from './engine/engine.ts';

/**
 * Asks about a whole list in one statement: `ask` makes it from the places, such as `?, ?`, that stand for the list,
 * which come before those of `more`. The places are a power of two, filled up with the first value, so that lists of
 * all lengths make few different statements.
 */
export async function allOf<R extends Row>(
  db: Reader,
  list: readonly Value[],
  ask: (places: string) => string,
  more: readonly Value[] = [],
): Promise<R[]> {
  const [first] = list;
  if (first === undefined) return [];
  const wanted = [...new Set(list)];
  const size = 2 ** Math.ceil(Math.log2(wanted.length));
  const filling = Array.from({ length: size - wanted.length }, () => first);
  return db.all<R>(ask(`?${', ?'.repeat(size - 1)}`), [...wanted, ...filling, ...more]);
}

/** The rows that have one of these keys, in no order. */
export async function rowsOf<R extends Row>(
  db: Reader,
  question: Question,
  keys: readonly string[],
): Promise<R[]> {
  if (keys.length === 0) return [];
  if (db.gather) return (await db.gather(question, keys)) as R[];
  if (keys.length === 1) return db.all<R>(question.sql(isTheOne), keys);
  return allOf<R>(db, keys, (places) => question.sql((column) => `${column} IN (${places})`));
}

function isTheOne(column: string): string {
  return `${column} = ?`;
}
