import type { ClaimedEvent, Claims } from '../claims.ts';
import type { Reader } from '../engine.ts';

/** Whoever has the file open is the only one: there is nobody to claim work from. */
export function sqliteClaims(reader: Reader): Claims {
  return {
    claimEvents: ({ prefix, now, limit }) =>
      reader.all<ClaimedEvent>(
        `SELECT id, kind, payload, run_at AS "runAt", attempts FROM outbox
          WHERE id >= ? AND id < ? AND run_at <= ? ORDER BY id LIMIT ?`,
        [prefix, `${prefix}~`, now, limit],
      ),
    renewEvents: async () => undefined,
    giveBackEvents: async () => undefined,
    claimWork: async () => true,
    giveBackWork: async () => undefined,
  };
}
