import type pg from 'pg';
import type {
  AccountRow,
  HoldRow,
  KeyRow,
  LedgerChanges,
  LedgerNames,
  LedgerRows,
  LedgerState,
  LedgerStore,
} from '../ledger-store.ts';
import { commit, type Ended } from './commit.ts';
import type { OwnClient } from './connections.ts';
import { isAnswer } from './failures.ts';
import { integers, texts } from './values.ts';

/** One transaction of the posting lane: what is asked and written in it, and its end. Never used twice. */
export type Batch = {
  readonly client: OwnClient;
  readonly store: LedgerStore;
  /** Commits. Never rejects. */
  readonly end: () => Promise<Ended>;
  /** Rolls back, whatever is still asked or written. */
  readonly abandon: () => Promise<unknown>;
  /** Whether the commit matters to what is told: it writes something, or makes sure of keys that were used before. */
  readonly matters: () => boolean;
};

type Query = { readonly name: string; readonly text: string };

/**
 * The money tables on PostgreSQL: two trips to the server for a batch of any size. The first begins, locks and reads;
 * the second writes and commits. (A batch that opens accounts takes a third, for their ids.) Of a big batch the server
 * writes the first rows while the others are decided.
 *
 * What nodes fight for is always taken in the same order, so they wait for each other and never in a circle: accounts
 * that exist, by id; guards, by name; holds, by id; then, while writing, names of accounts, guards and keys that are
 * new, each sorted. A name that another node takes first is a unique violation: the whole batch is decided again.
 * Guards and keys are asked for in statements of their own after the locks, as READ COMMITTED takes a snapshot for
 * each statement: what the last owner of the locks wrote is seen.
 */
export function beginBatch(client: OwnClient): Batch {
  const written: Promise<pg.QueryResult>[] = [];
  const ask = async <R>(query: Query, values: string[]): Promise<R[]> =>
    (await client.query({ ...query, values })).rows as R[];
  const send = (query: Query, values: string[]): void => {
    const result = client.query({ ...query, values });
    result.catch(() => undefined);
    written.push(result);
  };
  let state: 'new' | 'begun' | 'abandoned' = 'new';
  let known: LedgerState | undefined;

  const load = async (names: LedgerNames): Promise<LedgerState> => {
    state = 'begun';
    const keys = [names.keys.map(({ key }) => key), names.keys.map(({ owner }) => owner)] as const;
    client.together();
    const [, accounts, guards, holds, keyRows] = await Promise.all([
      client.query('BEGIN ISOLATION LEVEL READ COMMITTED'),
      names.accounts.length === 0 ? [] : ask<AccountRow>(LOCK_ACCOUNTS, [texts(names.accounts)]),
      names.guards.length === 0
        ? []
        : ask<{ name: string; value: bigint }>(LOCK_GUARDS, [texts(names.guards)]),
      names.holds.length === 0 ? [] : ask<HoldRow>(LOCK_HOLDS, [texts(names.holds)]),
      names.keys.length === 0 ? [] : ask<KeyRow>(READ_KEYS, keys.map(texts)),
    ]);
    return (known = { accounts, guards, holds, keys: keyRows });
  };

  const loadGuards = async (names: readonly string[]): Promise<LedgerState['guards']> => {
    const guards = await ask<LedgerState['guards'][number]>(LOCK_GUARDS, [texts(names)]);
    if (known) known = { ...known, guards: [...known.guards, ...guards] };
    return guards;
  };

  const open = async (opened: LedgerChanges['opened']): Promise<void> => {
    const drafts = sortedBy(opened, ({ draft }) => draft.name);
    const of = <T>(get: (draft: (typeof drafts)[number]['draft']) => T) =>
      drafts.map(({ draft }) => get(draft));
    const rows = await ask<{ id: bigint; name: string }>(OPEN_ACCOUNTS, [
      texts(of(({ name }) => name)),
      texts(of(({ kind }) => kind)),
      texts(of(({ owner }) => owner)),
      texts(of(({ currency }) => currency)),
      integers(of(({ floor }) => floor)),
    ]);
    const ids = new Map(rows.map(({ id, name }) => [name, id]));
    for (const { draft, row } of drafts) row.id = ids.get(draft.name) as bigint;
  };

  const append = (rows: LedgerRows): void => {
    if (state !== 'begun') throw new Error(`a batch that is ${state} writes nothing`);
    client.atOnce(() => writeRows(rows, send));
  };

  const write = async (changes: LedgerChanges): Promise<void> => {
    if (changes.opened.length > 0) await open(changes.opened);
    // And the COMMIT that follows.
    client.together();
    append(changes);
    writeAccounts(changes, send);
    writeHolds(changes, send);
    writeGuards(changes, new Set(known?.guards.map(({ name }) => name)), send);
    writeKeys(changes, send);
  };

  return {
    client,
    store: { load, loadGuards, append, write },
    matters: () => written.length > 0 || (known?.keys.length ?? 0) > 0,
    abandon: async () => {
      const begun = state === 'begun';
      state = 'abandoned';
      if (begun) await client.query('ROLLBACK');
    },
    end: async () => {
      if (state === 'new') return { state: 'committed' };
      const ending = commit(client);
      // A statement that the database refused is certain, whatever became of the connection after it.
      for (const result of await Promise.allSettled(written)) {
        if (result.status === 'fulfilled') continue;
        const ended = await ending;
        if (isAnswer(result.reason)) return { state: 'rolled back', error: result.reason };
        // It was never sent, and the rest was committed without it: nobody may be told that all is done.
        return ended.state === 'committed' ? { state: 'unknown' } : ended;
      }
      return ending;
    },
  };
}

type Send = (query: Query, values: string[]) => void;

function writeRows({ transfers, entries, events }: LedgerRows, send: Send): void {
  if (transfers.length > 0)
    send(INSERT_TRANSFERS, [
      texts(transfers.map(({ id }) => id)),
      texts(transfers.map(({ kind }) => kind)),
      texts(transfers.map(({ at }) => at)),
      texts(transfers.map(({ initiator }) => initiator)),
      integers(transfers.map(({ from }) => from.id)),
      integers(transfers.map(({ to }) => to.id)),
      integers(transfers.map(({ paid }) => paid)),
      integers(transfers.map(({ fee }) => fee)),
      integers(transfers.map(({ received }) => received)),
      texts(transfers.map(({ quote }) => quote)),
      texts(transfers.map(({ note }) => note)),
      texts(transfers.map(({ details }) => details)),
    ]);
  if (entries.length > 0)
    send(INSERT_ENTRIES, [
      texts(entries.map(({ transfer }) => transfer)),
      integers(entries.map(({ line }) => line)),
      integers(entries.map(({ account }) => account.id)),
      integers(entries.map(({ seq }) => seq)),
      integers(entries.map(({ amount }) => amount)),
      integers(entries.map(({ before }) => before)),
      integers(entries.map(({ after }) => after)),
    ]);
  if (events.length > 0)
    send(INSERT_EVENTS, [
      texts(events.map(({ id }) => id)),
      texts(events.map(({ kind }) => kind)),
      texts(events.map(({ payload }) => payload)),
      texts(events.map(({ runAt }) => runAt)),
    ]);
}

function writeAccounts({ accounts }: LedgerChanges, send: Send): void {
  if (accounts.length > 0)
    send(UPDATE_ACCOUNTS, [
      integers(accounts.map(({ id }) => id)),
      integers(accounts.map(({ balance }) => balance)),
      integers(accounts.map(({ held }) => held)),
      integers(accounts.map(({ entries: count }) => count)),
      integers(accounts.map(({ watched }) => watched)),
      integers(accounts.map(({ closed }) => closed)),
    ]);
}

function writeHolds({ holdsMade, holdsResolved }: LedgerChanges, send: Send): void {
  if (holdsMade.length > 0)
    send(INSERT_HOLDS, [
      texts(holdsMade.map(({ id }) => id)),
      integers(holdsMade.map(({ account }) => account.id)),
      integers(holdsMade.map(({ amount }) => amount)),
      texts(holdsMade.map(({ state }) => state)),
      texts(holdsMade.map(({ reason }) => reason)),
      texts(holdsMade.map(({ createdAt }) => createdAt)),
      texts(holdsMade.map(({ expiresAt }) => expiresAt)),
      texts(holdsMade.map(({ resolvedBy }) => resolvedBy)),
      texts(holdsMade.map(({ resolvedAt }) => resolvedAt)),
    ]);
  if (holdsResolved.length > 0)
    send(RESOLVE_HOLDS, [
      texts(holdsResolved.map(({ id }) => id)),
      texts(holdsResolved.map(({ state }) => state)),
      texts(holdsResolved.map(({ resolvedBy }) => resolvedBy)),
      texts(holdsResolved.map(({ resolvedAt }) => resolvedAt)),
    ]);
}

function writeGuards(changes: LedgerChanges, existing: ReadonlySet<string>, send: Send): void {
  const guards = sortedBy(changes.guards, ({ name }) => name);
  for (const [query, rows] of [
    [UPDATE_GUARDS, guards.filter(({ name }) => existing.has(name))],
    [INSERT_GUARDS, guards.filter(({ name }) => !existing.has(name))],
  ] as const) {
    if (rows.length > 0)
      send(query, [
        texts(rows.map(({ name }) => name)),
        integers(rows.map(({ value }) => value)),
        texts(rows.map(({ by }) => by)),
      ]);
  }
}

function writeKeys({ keys }: LedgerChanges, send: Send): void {
  if (keys.length > 0) {
    const rows = sortedBy(keys, ({ key, owner }) => `${key} ${owner}`);
    send(INSERT_KEYS, [
      texts(rows.map(({ key }) => key)),
      texts(rows.map(({ owner }) => owner)),
      texts(rows.map(({ fingerprint }) => fingerprint)),
      texts(rows.map(({ id }) => id)),
      texts(rows.map(({ refusal }) => refusal)),
      texts(rows.map(({ at }) => at)),
    ]);
  }
}

function sortedBy<T>(rows: readonly T[], of: (row: T) => string): T[] {
  const keyed = rows.map((row) => ({ row, by: of(row) }));
  return keyed.sort((a, b) => (a.by < b.by ? -1 : a.by > b.by ? 1 : 0)).map(({ row }) => row);
}

const LOCK_ACCOUNTS: Query = {
  name: 'okpay_lock_accounts',
  text: `SELECT id, name, currency, floor, balance, held, entries, watched, closed FROM accounts WHERE name = ANY ($1::text[])
    ORDER BY id FOR UPDATE`,
};
const LOCK_GUARDS: Query = {
  name: 'okpay_lock_guards',
  text: 'SELECT name, value FROM guards WHERE name = ANY ($1::text[]) ORDER BY name FOR UPDATE',
};
const LOCK_HOLDS: Query = {
  name: 'okpay_lock_holds',
  text: `SELECT id, account, amount, state, reason, created_at AS "createdAt", expires_at AS "expiresAt",
    resolved_by AS "resolvedBy", resolved_at AS "resolvedAt" FROM holds WHERE id = ANY ($1::text[])
    ORDER BY id FOR UPDATE`,
};
const READ_KEYS: Query = {
  name: 'okpay_read_keys',
  text: `SELECT k.owner, k.key, k.fingerprint, k.id, k.refusal, k.at
    FROM unnest($1::text[], $2::text[]) AS asked (key, owner)
    JOIN idempotency k ON k.key = asked.key AND k.owner = asked.owner`,
};
const OPEN_ACCOUNTS: Query = {
  name: 'okpay_open_accounts',
  text: `INSERT INTO accounts (name, kind, owner, currency, floor)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[]) RETURNING id, name`,
};
const INSERT_TRANSFERS: Query = {
  name: 'okpay_insert_transfers',
  text: `INSERT INTO transfers (id, kind, at, initiator, from_account, to_account, paid, fee, received, quote, note,
    details) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[],
    $7::bigint[], $8::bigint[], $9::bigint[], $10::text[], $11::text[], $12::text[])`,
};
const INSERT_ENTRIES: Query = {
  name: 'okpay_insert_entries',
  text: `INSERT INTO entries (transfer, line, account, seq, amount, balance_before, balance_after)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
    $7::bigint[])`,
};
const UPDATE_ACCOUNTS: Query = {
  name: 'okpay_update_accounts',
  text: `UPDATE accounts AS a SET balance = v.balance, held = v.held, entries = v.entries, watched = v.watched,
      closed = v.closed
    FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[])
      AS v (id, balance, held, entries, watched, closed)
    WHERE a.id = v.id`,
};
const INSERT_HOLDS: Query = {
  name: 'okpay_insert_holds',
  text: `INSERT INTO holds (id, account, amount, state, reason, created_at, expires_at, resolved_by, resolved_at)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
    $8::text[], $9::text[])`,
};
const RESOLVE_HOLDS: Query = {
  name: 'okpay_resolve_holds',
  text: `UPDATE holds AS h SET state = v.state, resolved_by = v.resolved_by, resolved_at = v.resolved_at
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS v (id, state, resolved_by, resolved_at)
    WHERE h.id = v.id`,
};
const UPDATE_GUARDS: Query = {
  name: 'okpay_update_guards',
  text: `UPDATE guards AS g SET value = v.value, changed_by = v.changed_by
    FROM unnest($1::text[], $2::bigint[], $3::text[]) AS v (name, value, changed_by) WHERE g.name = v.name`,
};
const INSERT_GUARDS: Query = {
  name: 'okpay_insert_guards',
  text: `INSERT INTO guards (name, value, changed_by)
    SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[])`,
};
const INSERT_KEYS: Query = {
  name: 'okpay_insert_keys',
  text: `INSERT INTO idempotency (key, owner, fingerprint, id, refusal, at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])`,
};
const INSERT_EVENTS: Query = {
  name: 'okpay_insert_events',
  text: `INSERT INTO outbox (id, kind, payload, run_at)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])`,
};
