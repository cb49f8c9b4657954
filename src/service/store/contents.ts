import type { Contents } from '../../core/maintenance.ts';
import type { Reader } from './engine/engine.ts';

/** Ids asked for at once. */
const PAGE_SIZE = 1_000;

/** How much there is in a database. `db` should be a snapshot. */
export async function countContents(db: Reader): Promise<Contents> {
  const count = async (table: string) =>
    Number((await db.one<{ count: bigint }>(`SELECT COUNT(*) AS count FROM ${table}`))?.count ?? 0n);
  const counts = {
    users: await count('users'),
    accounts: await count('accounts'),
    transfers: await count('transfers'),
    entries: await count('entries'),
    outbox: await count('outbox'),
  };
  const last = await db.one<{ id: string; at: string }>(
    'SELECT id, at FROM transfers ORDER BY id DESC LIMIT 1',
  );
  return { counts, ...(last ? { lastTransfer: last.id, lastTransferAt: last.at } : {}) };
}

/** The ids of all transfers in their order, in pages. */
export async function* transferIdPages(db: Reader): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const rows = await db.all<{ id: string }>('SELECT id FROM transfers WHERE id > ? ORDER BY id LIMIT ?', [
      after,
      PAGE_SIZE,
    ]);
    if (rows.length > 0) yield rows.map(({ id }) => id);
    if (rows.length < PAGE_SIZE) return;
    after = rows.at(-1)?.id ?? '';
  }
}
