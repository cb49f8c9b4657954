import type { Reader } from './engine/engine.ts';
import { withEntries, type TransferPage } from './journal.ts';
import { PAGE_SIZE, pages } from './pages.ts';

/** Rows asked for at once where each page costs a pass over them all. */
const SORTED_PAGE_SIZE = 10_000;

/** A transfer as the audit compares it, with the guard of its quote when there is one. */
export type AuditedTransfer = {
  id: string;
  paid: bigint;
  fee: bigint;
  received: bigint;
  quote: string | null;
  fromAccount: bigint;
  toAccount: bigint;
  /** The transfer that the quote's guard says used it, or that took the hold that did. */
  quoteUsedBy: string | null;
  /** The figures of the quote, when there is one. */
  quotedPaid: bigint | null;
  quotedFee: bigint | null;
  quotedReceived: bigint | null;
  quotedCurrency: string | null;
  quotedReceiveCurrency: string | null;
  kind: string;
  /** The details of a reversal, as JSON. */
  reversal: string | null;
};

export type AuditedEntry = {
  account: bigint;
  transfer: string;
  line: bigint;
  seq: bigint;
  amount: bigint;
  before: bigint;
  after: bigint;
};

export type AuditedHold = {
  id: string;
  account: bigint;
  amount: bigint;
  state: string;
  expiresAt: string | null;
  resolvedBy: string | null;
  resolvedAt: string | null;
  /** The transfer that resolved it, when it exists. */
  transfer: string | null;
};

export type AuditedGuard = {
  name: string;
  value: bigint;
  changedBy: string;
  /** The hold, or the transfer, that changed it last, when it exists, and the quote of that. */
  hold: string | null;
  transfer: string | null;
  quote: string | null;
};

export type AuditedKey = { key: string; owner: string; id: string };

/** Every transfer with its entries. `guardPrefix` before a quote's id is the name of its guard. */
export function auditedTransferPages(
  db: Reader,
  guardPrefix: string,
): AsyncGenerator<TransferPage<AuditedTransfer>> {
  return withEntries(db, (after) =>
    db.all<AuditedTransfer>(
      `SELECT t.id, t.kind, CASE WHEN t.kind = 'reversal' THEN t.details END AS reversal, t.paid, t.fee, t.received, t.quote, t.from_account AS "fromAccount",
        t.to_account AS "toAccount", COALESCE(h.resolved_by, g.changed_by) AS "quoteUsedBy", q.paid AS "quotedPaid", q.fee AS "quotedFee",
        q.received AS "quotedReceived", q.currency AS "quotedCurrency", q.receive_currency AS "quotedReceiveCurrency"
        FROM transfers t LEFT JOIN guards g ON g.name = ? || t.quote
        LEFT JOIN holds h ON h.id = g.changed_by LEFT JOIN quotes q ON q.id = t.quote WHERE t.id > ? ORDER BY t.id LIMIT ?`,
      [guardPrefix, after, PAGE_SIZE],
    ),
  );
}

/** Every entry, account by account, and there in the order of the transfers: almost the order they were made in. */
export function entriesByAccount(db: Reader): AsyncGenerator<AuditedEntry[]> {
  return pages(
    [0n, '', 0n] as [bigint, string, bigint],
    ({ account, transfer, line }) => [account, transfer, line],
    (after) =>
      db.all<AuditedEntry>(
        `SELECT ${ENTRY_COLUMNS} FROM entries WHERE (account, transfer, line) > (?, ?, ?)
          ORDER BY account, transfer, line LIMIT ?`,
        [...after, PAGE_SIZE],
      ),
  );
}

/** One account's entries in the order they were made. Each page costs a pass over the account. */
export function entriesInOrder(db: Reader, account: bigint): AsyncGenerator<AuditedEntry[]> {
  return pages(
    [-(2n ** 63n), '', 0n] as [bigint, string, bigint],
    ({ seq, transfer, line }) => [seq, transfer, line],
    (after) =>
      db.all<AuditedEntry>(
        `SELECT ${ENTRY_COLUMNS} FROM entries WHERE account = ? AND (seq, transfer, line) > (?, ?, ?)
          ORDER BY seq, transfer, line LIMIT ?`,
        [account, ...after, SORTED_PAGE_SIZE],
      ),
  );
}

/** Holds that still hold, account by account. */
export function pendingHolds(db: Reader): AsyncGenerator<Pick<AuditedHold, 'id' | 'account' | 'amount'>[]> {
  return pages(
    [0n, ''] as [bigint, string],
    ({ account, id }) => [account, id],
    (after) =>
      db.all<AuditedHold>(
        `SELECT id, account, amount FROM holds WHERE state = 'pending' AND (account, id) > (?, ?)
          ORDER BY account, id LIMIT ?`,
        [...after, PAGE_SIZE],
      ),
  );
}

/** Every hold, in the order of the ids. */
export function holdPages(db: Reader): AsyncGenerator<AuditedHold[]> {
  return pages(
    '',
    ({ id }) => id,
    (after) =>
      db.all<AuditedHold>(
        `SELECT h.id, h.account, h.amount, h.state, h.expires_at AS "expiresAt",
          h.resolved_by AS "resolvedBy", h.resolved_at AS "resolvedAt", t.id AS transfer
          FROM holds h LEFT JOIN transfers t ON t.id = h.resolved_by WHERE h.id > ? ORDER BY h.id LIMIT ?`,
        [after, PAGE_SIZE],
      ),
  );
}

/** Every guard, in the order of the names. */
export function guardPages(db: Reader): AsyncGenerator<AuditedGuard[]> {
  return pages(
    '',
    ({ name }) => name,
    (after) =>
      db.all<AuditedGuard>(
        `SELECT g.name, g.value, g.changed_by AS "changedBy", h.id AS hold, t.id AS transfer, t.quote
          FROM guards g LEFT JOIN transfers t ON t.id = g.changed_by LEFT JOIN holds h ON h.id = g.changed_by WHERE g.name > ? ORDER BY g.name LIMIT ?`,
        [after, PAGE_SIZE],
      ),
  );
}

/** A restriction of payments that its guards count, or that is on its way into them or out: then `counts` is 0. */
export type GuardedRestriction = {
  id: string;
  userId: string;
  capability: string;
  inFlight: string;
  counts: bigint;
};

/** Every restriction that the guards count or may count. */
export function guardedRestrictionPages(db: Reader): AsyncGenerator<GuardedRestriction[]> {
  return pages(
    '',
    ({ id }) => id,
    (after) =>
      db.all<GuardedRestriction>(
        `SELECT id, user_id AS "userId", capability, in_flight AS "inFlight",
          CASE WHEN guarded = 1 AND lifted_at IS NULL THEN 1 ELSE 0 END AS counts
          FROM restrictions WHERE capability <> 'log-in' AND (guarded = 1 OR due_at IS NOT NULL) AND id > ?
          ORDER BY id LIMIT ?`,
        [after, PAGE_SIZE],
      ),
  );
}

/** Accounts that are not watched although a restriction counts that is about payments of their owner. */
export function unwatchedAccounts(db: Reader, limit: number): Promise<{ name: string }[]> {
  return db.all(
    `SELECT DISTINCT a.name FROM restrictions r JOIN accounts a ON a.owner = r.user_id
      WHERE r.guarded = 1 AND r.lifted_at IS NULL AND a.watched = 0 ORDER BY a.name LIMIT ?`,
    [limit],
  );
}

/** Every key whose call was done. */
export function doneKeys(db: Reader): AsyncGenerator<AuditedKey[]> {
  return pages(
    ['', ''] as [string, string],
    ({ key, owner }) => [key, owner],
    (after) =>
      db.all<AuditedKey>(
        `SELECT key, owner, id FROM idempotency WHERE refusal IS NULL AND (key, owner) > (?, ?)
          ORDER BY key, owner LIMIT ?`,
        [...after, PAGE_SIZE],
      ),
  );
}

/** Transfers that no done key names. Sorts all keys: for when it is known that something is wrong. */
export function transfersWithoutKey(db: Reader, limit: number): Promise<{ id: string }[]> {
  return db.all(
    `SELECT id FROM transfers WHERE id NOT IN (SELECT id FROM idempotency WHERE refusal IS NULL)
      ORDER BY id LIMIT ?`,
    [limit],
  );
}

/** Done keys that name a transfer, by its `prefix`, which does not exist, and resolved no hold. Reads all keys. */
export function keysWithoutTransfer(db: Reader, prefix: string, limit: number): Promise<AuditedKey[]> {
  return db.all(
    `SELECT k.key, k.owner, k.id FROM idempotency k LEFT JOIN transfers t ON t.id = k.id
      WHERE k.refusal IS NULL AND t.id IS NULL AND SUBSTR(k.id, 1, ?) = ?
        AND k.id NOT IN (SELECT resolved_by FROM holds WHERE resolved_by IS NOT NULL)
      ORDER BY k.key, k.owner LIMIT ?`,
    [prefix.length, prefix, limit],
  );
}

/** Ids that more than one done key names. Sorts all keys. */
export function idsOfSeveralKeys(db: Reader, limit: number): Promise<{ id: string; count: bigint }[]> {
  return db.all(
    `SELECT id, COUNT(*) AS count FROM idempotency WHERE refusal IS NULL GROUP BY id HAVING COUNT(*) > 1
      ORDER BY id LIMIT ?`,
    [limit],
  );
}

const ENTRY_COLUMNS =
  'account, transfer, line, seq, amount, balance_before AS "before", balance_after AS "after"';

/** A withdrawal beside its hold and the transfer that took it. */
export type AuditedWithdrawal = {
  id: string;
  state: string;
  currency: string;
  paid: bigint;
  fee: bigint;
  amount: bigint;
  transfer: string | null;
  dueAt: string | null;
  holdState: string | null;
  holdAmount: bigint | null;
  takenBy: string | null;
  movedPaid: bigint | null;
  movedFee: bigint | null;
  movedReceived: bigint | null;
};

export function auditedWithdrawals(db: Reader): AsyncGenerator<AuditedWithdrawal[]> {
  return pages(
    '',
    ({ id }) => id,
    (after) =>
      db.all<AuditedWithdrawal>(
        `SELECT w.id, w.state, w.currency, w.paid, w.fee, w.amount, w.transfer, w.due_at AS "dueAt",
          h.state AS "holdState", h.amount AS "holdAmount", h.resolved_by AS "takenBy", t.paid AS "movedPaid",
          t.fee AS "movedFee", t.received AS "movedReceived"
          FROM withdrawals w LEFT JOIN holds h ON h.id = w.hold LEFT JOIN transfers t ON t.id = h.resolved_by
          WHERE w.id > ? ORDER BY w.id LIMIT ?`,
        [after, PAGE_SIZE],
      ),
  );
}
