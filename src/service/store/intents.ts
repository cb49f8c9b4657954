import type { Currency } from '../../core/money.ts';
import type { Reader } from './engine/engine.ts';
import { allOf } from './lists.ts';

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

/** What became of those of an owner's keys that were used, in no order. */
export function intentsByKeys(db: Reader, owner: string, keys: readonly string[]): Promise<IntentRow[]> {
  return allOf(
    db,
    keys,
    (places) => `SELECT ${COLUMNS} FROM idempotency WHERE key IN (${places}) AND owner = ?`,
    [owner],
  );
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

/** The values of guards that something has changed, in no order. */
export function guardsByNames(
  db: Reader,
  names: readonly string[],
): Promise<{ name: string; value: bigint }[]> {
  return allOf(db, names, (places) => `SELECT name, value FROM guards WHERE name IN (${places})`);
}

/** The guards whose names are a prefix and one text of so many characters after it, by name. */
export function guardsUnder(
  db: Reader,
  prefix: string,
  length: number,
): Promise<{ name: string; value: bigint }[]> {
  return db.all(
    'SELECT name, value FROM guards WHERE name >= ? AND name < ? AND LENGTH(name) = ? ORDER BY name',
    [prefix, `${prefix}~`, Array.from(prefix).length + length],
  );
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

export type ExpiringHold = {
  id: string;
  accountName: string;
  kind: string;
  owner: string | null;
  currency: Currency;
  floor: bigint | null;
};

/** Pending holds whose time has come. */
export function expiringHolds(db: Reader, now: string, limit: number): Promise<ExpiringHold[]> {
  return db.all<ExpiringHold>(
    `SELECT h.id, a.name AS "accountName", a.kind, a.owner, a.currency, a.floor FROM holds h
      JOIN accounts a ON a.id = h.account
      WHERE h.state = 'pending' AND h.expires_at IS NOT NULL AND h.expires_at <= ? ORDER BY h.expires_at LIMIT ?`,
    [now, limit],
  );
}

/** What still holds money of a holder's. */
export function pendingHoldsOf(db: Reader, owner: string): Promise<ExpiringHold[]> {
  return db.all<ExpiringHold>(
    `SELECT h.id, a.name AS "accountName", a.kind, a.owner, a.currency, a.floor FROM holds h
      JOIN accounts a ON a.id = h.account WHERE a.owner = ? AND h.state = 'pending' ORDER BY h.id`,
    [owner],
  );
}

/** When the next pending hold expires. */
export async function nextHoldExpiry(db: Reader): Promise<string | undefined> {
  const row = await db.one<{ at: string | null }>(
    `SELECT MIN(expires_at) AS at FROM holds WHERE state = 'pending' AND expires_at IS NOT NULL`,
  );
  return row?.at ?? undefined;
}
