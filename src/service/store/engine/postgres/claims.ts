import type { ClaimedEvent, Claims } from '../claims.ts';
import type { Reader } from '../engine.ts';
import { texts } from './values.ts';

/** Milliseconds since 1970 by the clock of the server, which all nodes share. */
const NOW = 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)';

/**
 * Claims on PostgreSQL: each is one statement that commits by itself, and asking it twice does no harm. Rows that
 * another node is just claiming are passed over, so that nodes neither wait for each other nor take the same
 * (https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE). The list is asked for in a subquery
 * of its own (ARRAY), which runs once: joined, it might run once per row.
 */
export function postgresClaims(reader: Reader): Claims {
  return {
    claimEvents: async ({ by, prefix, now, limit, leaseMs }) => {
      const events = await reader.all<ClaimedEvent>(
        `UPDATE outbox SET claimed_by = ?, lease_until = ${NOW} + CAST(? AS BIGINT)
          WHERE id = ANY (ARRAY(SELECT id FROM outbox WHERE id >= ? AND id < ? AND run_at <= ?
            AND (claimed_by IS NULL OR claimed_by = ? OR lease_until <= ${NOW})
            ORDER BY id LIMIT ? FOR UPDATE SKIP LOCKED))
          RETURNING id, kind, payload, run_at AS "runAt", attempts`,
        [by, leaseMs, prefix, `${prefix}~`, now, by, limit],
      );
      return events.sort((a, b) => (a.id < b.id ? -1 : 1));
    },
    renewEvents: async (by, ids, leaseMs) => {
      await reader.all(
        `UPDATE outbox SET lease_until = ${NOW} + CAST(? AS BIGINT)
          WHERE id = ANY (CAST(? AS TEXT[])) AND claimed_by = ?`,
        [leaseMs, texts(ids), by],
      );
    },
    giveBackEvents: async (by, ids) => {
      await reader.all(
        `UPDATE outbox SET claimed_by = NULL, lease_until = NULL
          WHERE id = ANY (CAST(? AS TEXT[])) AND claimed_by = ?`,
        [texts(ids), by],
      );
    },
    claimWork: async (name, by, leaseMs) => {
      const rows = await reader.all(
        `INSERT INTO leases (name, holder, lease_until) VALUES (?, ?, ${NOW} + CAST(? AS BIGINT))
          ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, lease_until = excluded.lease_until
          WHERE leases.holder = excluded.holder OR leases.lease_until <= ${NOW} RETURNING name`,
        [name, by, leaseMs],
      );
      return rows.length === 1;
    },
    giveBackWork: async (by) => {
      await reader.all('DELETE FROM leases WHERE holder = ?', [by]);
    },
  };
}
