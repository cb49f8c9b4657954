import type { Reader } from '../store/engine/engine.ts';
import { partiesByIds } from '../store/users.ts';

/** Names members of staff, looked up together; also those who were. */
export async function colleaguesOf(
  db: Reader,
  ids: readonly string[],
): Promise<(id: string) => { id: string; name: string }> {
  const names = new Map((await partiesByIds(db, ids)).map(({ id, displayName }) => [id, displayName]));
  return (id) => ({ id, name: names.get(id) ?? id });
}
