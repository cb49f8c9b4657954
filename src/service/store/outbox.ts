import type { Reader, Writer } from './engine/engine.ts';

/** Something to do after the commit that wrote it. The row is deleted when it is done. */
export type OutboxRow = { id: string; kind: string; payload: string; runAt: string; attempts: bigint };

/** The events that are due and whose ids begin so (`mal_`, or nothing for all), oldest first. */
export function dueEvents(db: Reader, prefix: string, now: string, limit: number): Promise<OutboxRow[]> {
  return db.all<OutboxRow>(
    `SELECT id, kind, payload, run_at AS "runAt", attempts FROM outbox
      WHERE id >= ? AND id < ? AND run_at <= ? ORDER BY id LIMIT ?`,
    [prefix, `${prefix}~`, now, limit],
  );
}

/** When the next event is due, in RFC 3339, or undefined when there is none. */
export async function nextDue(db: Reader): Promise<string | undefined> {
  const row = await db.one<{ next: string | null }>('SELECT MIN(run_at) AS next FROM outbox');
  return row?.next ?? undefined;
}

export async function insertEvent(tx: Writer, event: Omit<OutboxRow, 'attempts'>): Promise<void> {
  await tx.run('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)', [
    event.id,
    event.kind,
    event.payload,
    event.runAt,
  ]);
}

export async function deleteEvent(tx: Writer, id: string): Promise<void> {
  await tx.run('DELETE FROM outbox WHERE id = ?', [id]);
}

/** Puts an event off after a failure. */
export async function postponeEvent(tx: Writer, id: string, runAt: string): Promise<void> {
  await tx.run('UPDATE outbox SET attempts = attempts + 1, run_at = ? WHERE id = ?', [runAt, id]);
}
