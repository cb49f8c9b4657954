import type { Reader } from './engine/engine.ts';

/** What became of an Idempotency-Key. `refusal` is JSON, null when the call was done. */
export type IntentRow = {
  key: string;
  owner: string;
  fingerprint: string;
  id: string;
  refusal: string | null;
  at: string;
};

const COLUMNS = 'key, owner, fingerprint, id, refusal, at';

export function intentByKey(db: Reader, owner: string, key: string): Promise<IntentRow | undefined> {
  return db.one<IntentRow>(`SELECT ${COLUMNS} FROM idempotency WHERE key = ? AND owner = ?`, [key, owner]);
}

/** The refused call that was given this id. */
export function refusedById(db: Reader, owner: string, id: string): Promise<IntentRow | undefined> {
  return db.one<IntentRow>(
    `SELECT ${COLUMNS} FROM idempotency WHERE id = ? AND owner = ? AND refusal IS NOT NULL`,
    [id, owner],
  );
}

/** A guard's value and which transfer changed it last; undefined while nothing did. */
export function guardByName(
  db: Reader,
  name: string,
): Promise<{ value: bigint; changedBy: string } | undefined> {
  return db.one('SELECT value, changed_by AS "changedBy" FROM guards WHERE name = ?', [name]);
}

export type HoldView = {
  id: string;
  amount: bigint;
  state: string;
  reason: string;
  createdAt: string;
  expiresAt: string | null;
  resolvedBy: string | null;
  resolvedAt: string | null;
  currency: string;
  owner: string | null;
};

export function holdById(db: Reader, id: string): Promise<HoldView | undefined> {
  return db.one<HoldView>(
    `SELECT h.id, h.amount, h.state, h.reason, h.created_at AS "createdAt", h.expires_at AS "expiresAt",
      h.resolved_by AS "resolvedBy", h.resolved_at AS "resolvedAt", a.currency, a.owner
      FROM holds h JOIN accounts a ON a.id = h.account WHERE h.id = ?`,
    [id],
  );
}
