import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AccountRow, HoldRow, KeyRow, LedgerRows, LedgerState, LedgerStore } from '../ledger-store.ts';

type GuardRow = LedgerState['guards'][number];

/**
 * The money tables on SQLite. Statements are prepared once; the whole batch is written inside the transaction that
 * the engine holds. One process, one writer: the transaction itself is the lock.
 */
export function sqliteLedgerStore(db: DatabaseSync): LedgerStore {
  const prepare = lazily(db);
  // What a batch names is read with one question each: a third of the time of one question a name.
  const accountRows = prepare(
    `SELECT a.id, a.name, a.currency, a.floor, a.balance, a.held, a.entries, a.watched, a.closed
      FROM json_each(?) j CROSS JOIN accounts a ON a.name = j.value`,
  );
  const keyRows = prepare(
    `SELECT i.owner, i.key, i.fingerprint, i.id, i.refusal, i.at
      FROM json_each(?) j CROSS JOIN idempotency i ON i.key = j.value ->> 'key' AND i.owner = j.value ->> 'owner'`,
  );
  const guardRows = prepare(
    'SELECT g.name, g.value FROM json_each(?) j CROSS JOIN guards g ON g.name = j.value',
  );
  const holdRows = prepare(
    `SELECT h.id, h.account, h.amount, h.state, h.reason, h.created_at AS "createdAt", h.expires_at AS "expiresAt",
      h.resolved_by AS "resolvedBy", h.resolved_at AS "resolvedAt"
      FROM json_each(?) j CROSS JOIN holds h ON h.id = j.value`,
  );
  const openAccount = prepare(
    'INSERT INTO accounts (name, kind, owner, currency, floor) VALUES (?, ?, ?, ?, ?)',
  );
  const insertKey = prepare(
    'INSERT INTO idempotency (key, owner, fingerprint, id, refusal, at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const insertTransfer = prepare(
    `INSERT INTO transfers (id, kind, at, initiator, from_account, to_account, paid, fee, received, quote, note, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const insertEntry = prepare(
    `INSERT INTO entries (transfer, line, account, seq, amount, balance_before, balance_after)
      VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const updateAccount = prepare(
    'UPDATE accounts SET balance = ?, held = ?, entries = ?, watched = ?, closed = ? WHERE id = ?',
  );
  const insertHold = prepare(
    `INSERT INTO holds (id, account, amount, state, reason, created_at, expires_at, resolved_by, resolved_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const resolveHold = prepare('UPDATE holds SET state = ?, resolved_by = ?, resolved_at = ? WHERE id = ?');
  const setGuard = prepare(
    `INSERT INTO guards (name, value, changed_by) VALUES (?, ?, ?)
      ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by`,
  );
  const insertEvent = prepare('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)');

  const append = ({ transfers, entries, events }: LedgerRows): void => {
    for (const t of transfers) {
      insertTransfer().run(
        t.id,
        t.kind,
        t.at,
        t.initiator,
        t.from.id,
        t.to.id,
        t.paid,
        t.fee,
        t.received,
        t.quote,
        t.note,
        t.details,
      );
    }
    for (const e of entries) {
      insertEntry().run(e.transfer, e.line, e.account.id, e.seq, e.amount, e.before, e.after);
    }
    for (const e of events) insertEvent().run(e.id, e.kind, e.payload, e.runAt);
  };

  return {
    load: async (names) => ({
      accounts: found<AccountRow>(accountRows, names.accounts),
      keys: found<KeyRow>(keyRows, names.keys),
      guards: found<GuardRow>(guardRows, names.guards),
      holds: found<HoldRow>(holdRows, names.holds),
    }),
    loadGuards: async (names) => found<GuardRow>(guardRows, names),
    append,
    write: async (changes) => {
      for (const { draft: a, row } of changes.opened) {
        row.id = openAccount().run(a.name, a.kind, a.owner, a.currency, a.floor).lastInsertRowid as bigint;
      }
      append(changes);
      for (const a of changes.accounts)
        updateAccount().run(a.balance, a.held, a.entries, a.watched, a.closed, a.id);
      for (const h of changes.holdsMade) {
        insertHold().run(
          h.id,
          h.account.id,
          h.amount,
          h.state,
          h.reason,
          h.createdAt,
          h.expiresAt,
          h.resolvedBy,
          h.resolvedAt,
        );
      }
      for (const h of changes.holdsResolved) resolveHold().run(h.state, h.resolvedBy, h.resolvedAt, h.id);
      for (const g of changes.guards) setGuard().run(g.name, g.value, g.by);
      for (const k of changes.keys) insertKey().run(k.key, k.owner, k.fingerprint, k.id, k.refusal, k.at);
    },
  };
}

function found<R>(rows: () => StatementSync, names: readonly unknown[]): R[] {
  return names.length === 0 ? [] : (rows().all(JSON.stringify(names)) as R[]);
}

/** Prepares a statement at its first use, so that a short command pays only for what it runs. */
function lazily(db: DatabaseSync): (sql: string) => () => StatementSync {
  return (sql) => {
    let statement: StatementSync | undefined;
    return () => {
      if (!statement) {
        statement = db.prepare(sql);
        statement.setReadBigInts(true);
      }
      return statement;
    };
  };
}
