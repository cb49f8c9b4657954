import type { ClaimedEvent } from './engine/claims.ts';
import type { Reader, Writer } from './engine/engine.ts';

/** Something to do after the commit that wrote it. The row is deleted when it is done. */
export type OutboxRow = ClaimedEvent;

/** When the next event is due that nobody has claimed, in RFC 3339, and whether any is claimed. */
export async function nextDue(db: Reader): Promise<{ at: string | undefined; claimed: boolean }> {
  const row = await db.one<{ next: string | null; claimed: bigint }>(
    'SELECT MIN(CASE WHEN claimed_by IS NULL THEN run_at END) AS next, COUNT(claimed_by) AS claimed FROM outbox',
  );
  return { at: row?.next ?? undefined, claimed: (row?.claimed ?? 0n) > 0n };
}

export async function insertEvent(tx: Writer, event: Omit<OutboxRow, 'attempts'>): Promise<void> {
  await tx.run('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)', [
    event.id,
    event.kind,
    event.payload,
    event.runAt,
  ]);
}

/** Events deleted by one statement. */
const TOGETHER = 25;

/** Deletes what is done, whoever has claimed it since. */
export async function deleteEvents(tx: Writer, ids: readonly string[]): Promise<void> {
  for (let at = 0; at < ids.length; at += TOGETHER) {
    const some = ids.slice(at, at + TOGETHER);
    // Always as many places, so that it is one statement to the database.
    const places = Array.from({ length: TOGETHER }, (_, place) => some[place] ?? null);
    await tx.run(`DELETE FROM outbox WHERE id IN (${places.map(() => '?').join(', ')})`, places);
  }
}

/** Puts an event off after a failure; whoever looks next may have it. */
export async function postponeEvent(tx: Writer, id: string, runAt: string): Promise<void> {
  await tx.run(
    `UPDATE outbox SET attempts = attempts + 1, run_at = ?, claimed_by = NULL, lease_until = NULL WHERE id = ?`,
    [runAt, id],
  );
}
