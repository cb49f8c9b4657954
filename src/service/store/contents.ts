import { timeOfId } from '../../core/contract/ids.ts';
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
  const last = await lastTransfer(db);
  return { counts, ...(last ? { lastTransfer: last.id, lastTransferAt: last.at } : {}) };
}

/** The newest transfer. */
export function lastTransfer(db: Reader): Promise<{ id: string; at: string } | undefined> {
  return db.one('SELECT id, at FROM transfers ORDER BY id DESC LIMIT 1');
}

/** The most rows of the outbox that are counted: a count of more tells nobody more, and takes long. */
export const MOST_COUNTED = 100_000;

/** What is due and not done yet; `oldestMs` is when the oldest of it came to be, in Unix milliseconds. */
export async function readBacklog(
  db: Reader,
  now: string,
): Promise<{ readonly waiting: number; readonly oldestMs: number | undefined }> {
  // An id without its prefix begins with its time.
  const row = await db.one<{ waiting: bigint; oldest: string | null }>(
    `SELECT COUNT(*) AS waiting, MIN(SUBSTR(id, 5)) AS oldest
      FROM (SELECT id FROM outbox WHERE run_at <= ? LIMIT ${MOST_COUNTED}) AS due`,
    [now],
  );
  const oldest = row?.oldest ?? undefined;
  return {
    waiting: Number(row?.waiting ?? 0n),
    oldestMs: oldest === undefined ? undefined : timeOfId(`evt_${oldest}`),
  };
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

/**
 * A transfer with what its figures and those of its quote differ by, in minor units without sign: `apart` over what was
 * paid and charged, `receivedApart` over what was received, each in its currency.
 */
export type QuotedTransfer = {
  id: string;
  currency: string;
  apart: bigint;
  receiveCurrency: string;
  receivedApart: bigint;
};

/** Booked transfers that used a quote, between two ids. */
export function quotedTransfers(
  db: Reader,
  after: string,
  until: string,
  limit: number,
): Promise<QuotedTransfer[]> {
  return db.all<QuotedTransfer>(
    `SELECT t.id, q.currency, ABS(t.paid - q.paid) + ABS(t.fee - q.fee) AS apart,
      q.receive_currency AS "receiveCurrency", ABS(t.received - q.received) AS "receivedApart"
      FROM transfers t JOIN quotes q ON q.id = t.quote
      WHERE t.id > ? AND t.id < ? ORDER BY t.id LIMIT ?`,
    [after, until, limit],
  );
}
