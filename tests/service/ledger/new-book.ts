import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { makeIdMaker } from '../../../src/core/contract/ids.ts';
import type { Output } from '../../../src/core/contract/operations.ts';
import type { Currency } from '../../../src/core/money.ts';
import { clearingAccount, feesAccount, holderAccount } from '../../../src/service/ledger/accounts.ts';
import { auditLedger } from '../../../src/service/ledger/audit.ts';
import { fingerprintOf } from '../../../src/service/ledger/fingerprint.ts';
import { quoteGuard } from '../../../src/service/ledger/guards.ts';
import type { Guard, Intent, Outcome } from '../../../src/service/ledger/intent.ts';
import { makePoster, type Poster } from '../../../src/service/ledger/poster.ts';
import type { Engine } from '../../../src/service/store/engine/engine.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { openSqlite, type SqliteOptions } from '../../../src/service/store/engine/sqlite/open.ts';
import type { EngineUnderTest } from '../../harness.ts';

export type Book = {
  readonly engine: Engine;
  readonly poster: Poster;
  readonly url: string;
  readonly newId: ReturnType<typeof makeIdMaker>;
  /** The clock, in Unix milliseconds. Set it at will. */
  readonly clock: { ms: number };
  readonly post: (intent: Intent) => Promise<Outcome>;
  readonly audit: () => Promise<Output<'verify-ledger'>>;
  /** Changes the database behind the service's back, past every constraint but unique keys. */
  readonly tamper: (sql: string) => Promise<void>;
  /** Closes it and opens the same database again, at the same time of day. */
  readonly reopen: () => Promise<Book>;
  readonly close: () => Promise<void>;
};

/** A noon nobody remembers. */
export const NOON = Date.parse('2026-11-23T12:00:00.000Z');

/** A new book on real SQLite, in a folder of its own, with a clock that stands still. */
export async function newBook(options: Partial<SqliteOptions> = {}): Promise<Book> {
  const folder = options.path === undefined ? mkdtempSync(join(tmpdir(), 'okpay-book-')) : undefined;
  const path = options.path ?? join(folder as string, 'okpay.db');
  const engine = await openSqlite({ synchronous: 'OFF', ...options, path });
  return bookOn(engine, `sqlite:${path}`, async () => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });
}

/** The book in a database that is there already; closing it leaves the database. */
export async function openBook(url: string): Promise<Book> {
  return bookOn(await openEngine(url), url, async () => undefined);
}

/** A new book on a database under test. */
export async function newBookOn({ makeUrl, discard }: EngineUnderTest): Promise<Book> {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-book-'));
  const url = await makeUrl(folder);
  return bookOn(await openEngine(url), url, async () => {
    await discard(url);
    rmSync(folder, { recursive: true });
  });
}

function bookOn(engine: Engine, url: string, discard: () => Promise<void>): Book {
  const clock = { ms: NOON };
  const poster = makePoster(engine, () => new Date(clock.ms).toISOString());
  return {
    engine,
    poster,
    url,
    clock,
    newId: makeIdMaker(() => clock.ms, randomBytes),
    post: poster.post,
    audit: async () => {
      const snapshot = await engine.openSnapshot();
      try {
        return await auditLedger(snapshot);
      } finally {
        await snapshot.close();
      }
    },
    tamper: (sql) => tamperWith(url, sql),
    reopen: async () => {
      await engine.close();
      const again = bookOn(await openEngine(url), url, discard);
      again.clock.ms = clock.ms;
      return again;
    },
    close: async () => {
      await engine.close();
      await discard();
    },
  };
}

/** Changes a database behind the service's back, past every constraint but unique keys. */
export function tamperWith(url: string, sql: string): Promise<void> {
  return url.startsWith('sqlite:') ? tamperSqlite(url, sql) : tamperPostgres(url, sql);
}

async function tamperSqlite(url: string, sql: string): Promise<void> {
  const db = new DatabaseSync(url.slice('sqlite:'.length), { enableForeignKeyConstraints: false });
  db.exec('PRAGMA ignore_check_constraints = ON');
  db.exec(sql);
  db.close();
}

async function tamperPostgres(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ drop: string }>(
    `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) AS drop FROM pg_constraint
      WHERE contype IN ('c', 'f') AND conrelid <> 0 AND connamespace = 'public'::regnamespace`,
  );
  for (const { drop } of rows) await client.query(drop);
  await client.query(sql);
  await client.end();
}

export type Wanted = {
  readonly key?: string;
  readonly owner?: string;
  readonly currency?: Currency;
  readonly fee?: bigint;
  readonly note?: string;
  readonly quote?: string;
  /** When a hold ends, in Unix milliseconds; never when not given. */
  readonly endsAt?: number;
  readonly guards?: readonly Guard[];
};

/** Money from a bank to a holder. */
export function deposit(book: Pick<Book, 'newId'>, to: string, amount: bigint, wanted: Wanted = {}): Intent {
  const currency = wanted.currency ?? 'EUR';
  const [bank, holder] = [clearingAccount('DE02120300000000202051', currency), holderAccount(to, currency)];
  return {
    ...base(book, 'deposit', wanted, { to, amount: `${amount} ${currency}`, note: wanted.note }),
    transfer: {
      kind: 'deposit',
      from: bank,
      to: holder,
      paid: amount,
      fee: 0n,
      received: amount,
      ...(wanted.note === undefined ? {} : { note: wanted.note }),
    },
    entries: [
      { account: bank, amount: -amount },
      { account: holder, amount },
    ],
  };
}

/** Money from one holder to another, the fee on top; with a quote, used once. */
export function send(
  book: Pick<Book, 'newId'>,
  from: string,
  to: string,
  amount: bigint,
  wanted: Wanted = {},
): Intent {
  const { currency = 'EUR', fee = 0n, quote, note } = wanted;
  const [payer, payee] = [holderAccount(from, currency), holderAccount(to, currency)];
  const use: Guard[] =
    quote === undefined
      ? []
      : [
          {
            name: quoteGuard(quote),
            add: 1n,
            most: 1n,
            refusal: { code: 'quote_used', facts: { quote } },
          },
        ];
  return {
    ...base(book, 'send', { owner: from, ...wanted }, { from, to, amount: `${amount} ${currency}`, quote }),
    guards: [...use, ...(wanted.guards ?? [])],
    transfer: {
      kind: 'transfer',
      from: payer,
      to: payee,
      paid: amount + fee,
      fee,
      received: amount,
      ...(quote === undefined ? {} : { quote }),
      ...(note === undefined ? {} : { note }),
    },
    entries: [
      { account: payer, amount: -amount - fee },
      { account: payee, amount },
      ...(fee === 0n ? [] : [{ account: feesAccount(currency), amount: fee }]),
    ],
  };
}

/** An intent that makes one hold and moves nothing. */
export function hold(book: Pick<Book, 'newId'>, of: string, amount: bigint, wanted: Wanted = {}): Intent {
  const { currency = 'EUR', endsAt } = wanted;
  const account = holderAccount(of, currency);
  const id = book.newId('hold');
  const expiresAt = endsAt === undefined ? null : new Date(endsAt).toISOString();
  return {
    ...base(book, 'hold', { owner: of, ...wanted }, { of, amount: String(amount) }),
    id,
    entries: [],
    makeHolds: [{ id, account, amount, reason: 'test', expiresAt }],
  };
}

/** An intent that lets go of a hold. */
export function release(
  book: Pick<Book, 'newId'>,
  id: string,
  of: string,
  as: 'voided' | 'expired',
  wanted: Wanted = {},
): Intent {
  return {
    ...base(book, 'release', { owner: of, ...wanted }, { id, as }),
    id: book.newId('event'),
    entries: [],
    resolveHolds: [{ id, account: holderAccount(of, wanted.currency ?? 'EUR'), as }],
  };
}

/** A payment of `amount` out of a hold; the rest of the hold becomes available. */
export function capture(
  book: Pick<Book, 'newId'>,
  id: string,
  from: string,
  to: string,
  amount: bigint,
  wanted: Wanted = {},
): Intent {
  const { fee = 0n } = wanted;
  const account = holderAccount(from, wanted.currency ?? 'EUR');
  return {
    ...send(book, from, to, amount, wanted),
    resolveHolds: [{ id, account, as: 'posted', amount: amount + fee }],
  };
}

function base(
  book: Pick<Book, 'newId'>,
  operation: string,
  { key, owner = 'system:test' }: Wanted,
  fields: Record<string, string | undefined>,
) {
  const id = book.newId('transfer');
  return {
    id,
    initiator: owner,
    key: { owner, key: key ?? `key-${id}`, fingerprint: fingerprintOf({ operation, ...fields }) },
  };
}
