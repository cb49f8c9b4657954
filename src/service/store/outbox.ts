import type { Reader, Writer } from './engine/engine.ts';

/** Something to do after the commit that wrote it. The row is deleted when it is done. */
export type OutboxRow = { id: string; kind: string; payload: string; runAt: string; attempts: bigint };

/** The events that are due, oldest first. */
export function dueEvents(db: Reader, now: string, limit: number): Promise<OutboxRow[]> {
  return db.all<OutboxRow>(
    `SELECT id, kind, payload, run_at AS "runAt", attempts FROM outbox WHERE run_at <= ? ORDER BY id LIMIT ?`,
    [now, limit],
  );
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
