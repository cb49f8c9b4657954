import type { Currency } from '../../core/money.ts';
import type { Reader } from './engine/engine.ts';

/** An account as it is named beside an entry. */
export type AccountLabel = { name: string; kind: string; owner: string | null; ownerName: string | null };

/** What moved in one account by one transfer. Amounts are minor units. */
export type TrailEntry = { transfer: string; seq: bigint; amount: bigint; before: bigint };

/** A transfer's entries as they were written, each with its account. */
export function entriesOfTransfer(
  db: Reader,
  transfer: string,
): Promise<
  (AccountLabel & { currency: Currency; seq: bigint; amount: bigint; before: bigint; after: bigint })[]
> {
  return db.all(
    `SELECT a.name, a.kind, a.owner, u.display_name AS "ownerName", a.currency, e.seq, e.amount,
      e.balance_before AS before, e.balance_after AS after
      FROM entries e JOIN accounts a ON a.id = e.account LEFT JOIN users u ON u.id = a.owner
      WHERE e.transfer = ? ORDER BY e.line`,
    [transfer],
  );
}

const TRAIL = 'transfer, seq, amount, balance_before AS before';

/** An account's entries of transfers up to this one, newest first by the ids of their transfers. */
export function entriesBefore(
  db: Reader,
  account: bigint,
  transfer: string,
  limit: number,
): Promise<TrailEntry[]> {
  return db.all<TrailEntry>(
    `SELECT ${TRAIL} FROM entries WHERE account = ? AND transfer <= ? ORDER BY transfer DESC, line DESC LIMIT ?`,
    [account, transfer, limit],
  );
}

/** An account's entries of transfers from this one on, oldest first by the ids of their transfers. */
export function entriesAfter(
  db: Reader,
  account: bigint,
  transfer: string,
  limit: number,
): Promise<TrailEntry[]> {
  return db.all<TrailEntry>(
    `SELECT ${TRAIL} FROM entries WHERE account = ? AND transfer >= ? ORDER BY transfer, line LIMIT ?`,
    [account, transfer, limit],
  );
}

/** A transfer that was found by its amount. */
export type FoundTransfer = {
  id: string;
  at: string;
  paid: bigint;
  received: bigint;
  currency: Currency;
  fromOwner: string | null;
  toOwner: string | null;
};

/**
 * Transfers of an amount in a currency among the last `look` before `before` and from `from` on, newest first; and the
 * last id that was looked at, when there may be more. Amounts have no index, which each payment would have to pay for:
 * so the number of rows that are looked at is bounded instead.
 */
export async function transfersOfAmount(
  db: Reader,
  { minor, currency }: { readonly minor: bigint; readonly currency: Currency },
  span: { readonly from: string; readonly before: string; readonly look: number },
): Promise<{ found: FoundTransfer[]; last: string | undefined }> {
  const values = [span.from, span.before];
  const looked = 'FROM transfers WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?';
  const edge = await db.one<{ id: string }>(`SELECT id ${looked} OFFSET ?`, [...values, 1, span.look - 1]);
  const found = await db.all<FoundTransfer>(
    `SELECT t.id, t.at, t.paid, t.received, a.currency, a.owner AS "fromOwner", b.owner AS "toOwner"
      FROM (SELECT id, at, paid, received, from_account, to_account ${looked}) t
      JOIN accounts a ON a.id = t.from_account JOIN accounts b ON b.id = t.to_account
      WHERE (t.paid = ? OR t.received = ?)
        AND ((t.paid = ? AND a.currency = ?) OR (t.received = ? AND b.currency = ?)) ORDER BY t.id DESC`,
    // Asked first of the transfer alone, so that accounts are looked up only of those that may be meant.
    [...values, span.look, minor, minor, minor, currency, minor, currency],
  );
  return { found, last: edge?.id };
}

/** What waits to be taken from a holder's accounts, oldest first. */
export function newestHoldsOf(
  db: Reader,
  owner: string,
  limit: number,
): Promise<
  {
    id: string;
    amount: bigint;
    currency: Currency;
    reason: string;
    createdAt: string;
    expiresAt: string | null;
  }[]
> {
  return db.all(
    `SELECT h.id, h.amount, a.currency, h.reason, h.created_at AS "createdAt", h.expires_at AS "expiresAt"
      FROM accounts a JOIN holds h ON h.account = a.id AND h.state = 'pending'
      WHERE a.owner = ? ORDER BY h.id LIMIT ?`,
    [owner, limit],
  );
}

/** Entries that may be out of order by the ids of their transfers, for having been posted together. */
const NEIGHBOURS = 50;

/** How far an account had come: the number of its last entry by then, and the balance after it. */
export type Edge = {
  readonly seq: bigint;
  readonly after: bigint;
  /** Every entry that came later has a transfer whose id sorts after this. */
  readonly walkFrom: string;
};

/**
 * How far an account had come right before an instant in RFC 3339, or at it. `before` is an id that every transfer of that
 * instant sorts before.
 */
export async function edgeAt(
  db: Reader,
  account: bigint,
  { at, before, isIn }: { readonly at: string; readonly before: string; readonly isIn: boolean },
): Promise<Edge> {
  const last = await db.all<{ transfer: string; seq: bigint; after: bigint }>(
    `SELECT e.transfer, e.seq, e.balance_after AS after FROM entries e JOIN transfers t ON t.id = e.transfer
      WHERE e.account = ? AND e.transfer < ? AND t.at ${isIn ? '<=' : '<'} ?
      ORDER BY e.transfer DESC, e.line DESC LIMIT ?`,
    [account, before, at, NEIGHBOURS],
  );
  const walkFrom = last.length < NEIGHBOURS ? '' : (last.at(-1)?.transfer ?? '');
  const { seq, after } = last.reduce((latest, each) => (each.seq > latest.seq ? each : latest), {
    transfer: '',
    seq: 0n,
    after: 0n,
  });
  return { seq, after, walkFrom };
}

/**
 * An account's balance at an instant in RFC 3339, in minor units: that after the last entry by then. `before` is an id
 * that every transfer of that instant sorts before.
 */
export async function balanceAsOf(db: Reader, account: bigint, at: string, before: string): Promise<bigint> {
  return (await edgeAt(db, account, { at, before, isIn: true })).after;
}
