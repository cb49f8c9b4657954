import { DatabaseSync } from 'node:sqlite';
import type { Intent } from '../src/service/ledger/intent.ts';

/** Writes a batch of payments in one durable commit. */
export type RawLoop = { readonly write: (batch: readonly Intent[]) => void; readonly close: () => void };

type Account = { id: bigint; balance: bigint; held: bigint; entries: bigint; floor: bigint | null };

/**
 * The yardstick: what somebody would write by hand who knows SQLite and wants nothing but the same rows on the disk.
 * Prepared statements on the same schema, WAL and synchronous=FULL, balances read and written once per batch, and the
 * checks without which the rows would be wrong (key, guards, floor). No queue, no promises, no intents left open.
 */
export function rawLoop(path: string): RawLoop {
  const db = new DatabaseSync(path);
  db.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 10000; PRAGMA foreign_keys = ON',
  );
  const prepare = (sql: string) => {
    const statement = db.prepare(sql);
    statement.setReadBigInts(true);
    return statement;
  };
  const key = prepare('SELECT 1 FROM idempotency WHERE key = ? AND owner = ?');
  const guard = prepare('SELECT value FROM guards WHERE name = ?');
  const account = prepare('SELECT id, balance, held, entries, floor FROM accounts WHERE name = ?');
  const open = prepare('INSERT INTO accounts (name, kind, owner, currency, floor) VALUES (?, ?, ?, ?, ?)');
  const insertTransfer = prepare('INSERT INTO transfers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertEntry = prepare('INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)');
  const setBalance = prepare('UPDATE accounts SET balance = ?, entries = ? WHERE id = ?');
  const setGuard = prepare(
    'INSERT INTO guards VALUES (?, ?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_by = excluded.changed_by',
  );
  const insertKey = prepare('INSERT INTO idempotency VALUES (?, ?, ?, ?, ?, ?)');
  const insertEvent = prepare('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)');

  const find = (touched: Map<string, Account>, draft: Intent['entries'][number]['account']): Account => {
    let found = touched.get(draft.name);
    if (!found) {
      found = account.get(draft.name) as Account | undefined;
      found ??= {
        id: open.run(draft.name, draft.kind, draft.owner, draft.currency, draft.floor)
          .lastInsertRowid as bigint,
        balance: 0n,
        held: 0n,
        entries: 0n,
        floor: draft.floor,
      };
      touched.set(draft.name, found);
    }
    return found;
  };

  const writeOne = (intent: Intent, at: string, touched: Map<string, Account>) => {
    const { id, transfer, entries, guards = [], events = [] } = intent;
    if (!transfer || key.get(intent.key.key, intent.key.owner)) throw new Error('the key was used');
    const [from, to] = [find(touched, transfer.from), find(touched, transfer.to)];
    insertTransfer.run(
      id,
      transfer.kind,
      at,
      intent.initiator,
      from.id,
      to.id,
      transfer.paid,
      transfer.fee,
      transfer.received,
      transfer.quote ?? null,
      transfer.note ?? null,
      null,
    );
    for (const [line, entry] of entries.entries()) {
      const each = find(touched, entry.account);
      const before = each.balance;
      each.balance += entry.amount;
      each.entries += 1n;
      if (each.floor !== null && each.balance - each.held < each.floor) throw new Error('not enough money');
      insertEntry.run(id, line + 1, each.id, each.entries, entry.amount, before, each.balance);
    }
    for (const { name, add, most } of guards) {
      const value = ((guard.get(name)?.['value'] as bigint | undefined) ?? 0n) + add;
      if (value > most) throw new Error('a guard refuses');
      setGuard.run(name, value, id);
    }
    insertKey.run(intent.key.key, intent.key.owner, intent.key.fingerprint, id, null, at);
    for (const event of events)
      insertEvent.run(event.id, event.kind, JSON.stringify({ ...event.payload, transfer: id, at }), at);
  };

  return {
    write: (batch) => {
      db.exec('BEGIN IMMEDIATE');
      const touched = new Map<string, Account>();
      const at = new Date().toISOString();
      for (const intent of batch) writeOne(intent, at, touched);
      for (const { id, balance, entries } of touched.values()) setBalance.run(balance, entries, id);
      db.exec('COMMIT');
    },
    close: () => db.close(),
  };
}
