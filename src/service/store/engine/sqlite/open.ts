import { closeSync, openSync, statSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { setImmediate as otherWork } from 'node:timers/promises';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Engine, EngineGauge, Reader, Row, Snapshot, Value, Writer } from '../engine.ts';
import { makeFuse, type Fuse } from '../fuse.ts';
import { makeGather, sqlOfQuestions } from '../gather.ts';
import { makeTurns } from '../turn.ts';
import { makeCheckpointer } from './checkpointer.ts';
import { sqliteClaims } from './claims.ts';
import { sqliteLedgerStore } from './ledger-store.ts';
import { lockFile, type FileLock } from './file-lock.ts';
import { SCHEMA_STEPS } from './schema.ts';

/** Marks a file as ours (`OKPY`), so that another program's database is never written to. */
export const APPLICATION_ID = 0x4f4b5059;

/**
 * How much of the file is looked at in place, the most that SQLite takes: rows of a long book are far apart, and reading
 * each page takes a third longer.
 */
const MAPPED_BYTES = 0x7fff0000;

export type SqliteOptions = {
  readonly path: string;
  /** How long to wait for another process to let go of the file, in milliseconds. */
  readonly waitMs?: number;
  /** The most pages of 4 KiB the file may have: for the tests of a full disk. */
  readonly maximumPages?: number;
  /** Durability of a commit. FULL survives a power cut; OFF exists for the tests that prove it matters. */
  readonly synchronous?: 'FULL' | 'OFF';
};

export type SqliteEngine = Engine & { readonly announce: FileLock['announce'] };

/**
 * Opens (and if needed makes or upgrades) an embedded database file for this process alone.
 * WAL with synchronous=FULL: a commit that returned survives a power cut (https://www.sqlite.org/wal.html).
 * Throws `database_held`, `database_newer` or `database_damaged`.
 */
export async function openSqlite(options: SqliteOptions): Promise<SqliteEngine> {
  const { path } = options;
  const lock = await lockFile(path, options.waitMs);
  try {
    const writer = openWriter(path, options.synchronous ?? 'FULL');
    if (options.maximumPages !== undefined) writer.exec(`PRAGMA max_page_count = ${options.maximumPages}`);
    const reader = new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false });
    reader.exec(`PRAGMA mmap_size = ${MAPPED_BYTES}`);
    return makeEngine(path, writer, reader, lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Opens a file to write to, makes or upgrades its tables. Whoever calls holds its lock. */
export function openWriter(path: string, synchronous: 'FULL' | 'OFF'): DatabaseSync {
  // SQLite would make it readable for everybody; its -wal and -shm files take after it.
  closeSync(openSync(path, 'a', 0o600));
  const db = new DatabaseSync(path, { timeout: 5_000, enableForeignKeyConstraints: true });
  try {
    const version = Number(pragma(db, 'user_version'));
    const application = Number(pragma(db, 'application_id'));
    const isNew = version === 0 && !db.prepare('SELECT 1 FROM sqlite_schema').get();
    if (!isNew && application !== APPLICATION_ID) throw new Refusal('database_damaged', { path });
    if (version > SCHEMA_STEPS.length) {
      throw new Refusal('database_newer', { found: String(version), known: String(SCHEMA_STEPS.length) });
    }
    // Payments touch pages all over the file: with 16 MiB of them kept, a transfer takes less of the processor; with more it
    // does not, as what is only read is looked at in place. Memory is taken as it is needed. The log is written back beside the work; by a commit only where that failed.
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 100000;
      PRAGMA cache_size = -16384; PRAGMA mmap_size = ${MAPPED_BYTES}; PRAGMA trusted_schema = OFF`);
    if (version < SCHEMA_STEPS.length) upgrade(db, version);
    return db;
  } catch (error) {
    db.close();
    if (error instanceof Refusal) throw error;
    if (/not a database|malformed/.test((error as Error).message))
      throw new Refusal('database_damaged', { path });
    throw failure(error);
  }
}

function upgrade(db: DatabaseSync, from: number): void {
  db.exec('BEGIN IMMEDIATE');
  for (const step of SCHEMA_STEPS.slice(from)) db.exec(step);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_STEPS.length}; COMMIT`);
}

/** The value of a pragma that has one. */
export function pragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

function makeEngine(path: string, writer: DatabaseSync, reader: DatabaseSync, lock: FileLock): SqliteEngine {
  const read = questions(reader);
  const write = questions(writer);
  const exclusive = makeMutex();
  const store = sqliteLedgerStore(writer);
  const snapshots = new Set<DatabaseSync>();
  const fuse = makeFuse();
  const atEndOfTurn = makeTurns();
  const inTransaction = <T>(work: () => Promise<T>): Promise<T> =>
    exclusive(async () => {
      fuse.check();
      begin(writer);
      let result: T;
      try {
        result = await work();
      } catch (error) {
        if (writer.isTransaction) writer.exec('ROLLBACK');
        throw failure(error);
      }
      commit(writer, fuse);
      checkpointer.committed();
      return result;
    });
  const checkpointer = makeCheckpointer(path, () =>
    exclusive(async () => writer.exec('PRAGMA wal_checkpoint(PASSIVE)')),
  );
  const sqlOfOne = sqlOfQuestions((column) => `${column} = ?`);
  const sqlOfMany = sqlOfQuestions((column) => `${column} IN (SELECT value FROM json_each(?))`);
  const tx: Writer = {
    ...write.reader,
    run: async (sql, values) => Number(write.statement(sql).run(...checked(values)).changes),
  };
  // The connection that writes has its pages at hand; the other one reads them anew after every commit. But what is
  // written and not committed is not to be seen.
  const committed = (): Reader => (writer.isTransaction ? read : write).reader;
  const reading: Reader = {
    all: async (sql, values) => {
      fuse.check();
      return committed().all(sql, values);
    },
    one: async (sql, values) => {
      fuse.check();
      return committed().one(sql, values);
    },
  };
  return {
    name: 'sqlite',
    place: path,
    fuse,
    announce: lock.announce,
    ...reading,
    atEndOfTurn,
    gather: makeGather(
      (question, keys) =>
        keys.length === 1
          ? reading.all(sqlOfOne(question), keys)
          : reading.all(sqlOfMany(question), [JSON.stringify(keys)]),
      atEndOfTurn,
    ),
    // What can be read has been on the disk before its commit returned.
    confirm: async () => undefined,
    claims: sqliteClaims(reading),
    transact: (work) => inTransaction(() => work(tx)),
    post: (work) => inTransaction(() => work(store)),
    gauges: () => gaugesOf(path),
    openSnapshot: async () => {
      fuse.check();
      return openSnapshot(path, snapshots);
    },
    close: () =>
      exclusive(async () => {
        await checkpointer.close();
        for (const snapshot of snapshots) snapshot.close();
        snapshots.clear();
        reader.close();
        writer.close();
        lock.release();
      }),
  };
}

function gaugesOf(path: string): EngineGauge[] {
  const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  return [
    { name: 'database_bytes', help: 'Size of the database file.', value: sizeOf(path) },
    { name: 'database_wal_bytes', help: 'Size of its write-ahead log.', value: sizeOf(`${path}-wal`) },
  ];
}

/** A read transaction on a connection of its own, listed in `open` until it is closed. */
export function openSnapshot(path: string, open: Set<DatabaseSync>): Snapshot {
  const db = new DatabaseSync(path, { readOnly: true, enableForeignKeyConstraints: false });
  // SQLite takes the snapshot with the first question, not with BEGIN.
  db.exec('BEGIN; SELECT 1 FROM sqlite_schema');
  open.add(db);
  const { reader } = questions(db);
  return {
    all: async (sql, values) => {
      await otherWork();
      return reader.all(sql, values);
    },
    one: async (sql, values) => {
      await otherWork();
      return reader.one(sql, values);
    },
    close: async () => {
      if (open.delete(db)) db.close();
    },
  };
}

function begin(db: DatabaseSync): void {
  try {
    db.exec('BEGIN IMMEDIATE');
  } catch (error) {
    throw failure(error);
  }
}

/**
 * Commits. A full disk rolls back and nothing happened; any other failure leaves the outcome unknown (an I/O error can
 * be reported for rows that are on the disk all the same), and blows the fuse: what this process would read from the file
 * now could be something else after the next start.
 */
function commit(db: DatabaseSync, fuse: Fuse): void {
  try {
    db.exec('COMMIT');
  } catch (error) {
    const refusal = failure(error);
    if (!(refusal instanceof Refusal)) {
      const why = `whether a commit is on the disk is not known (${(error as Error).message})`;
      fuse.blow(new Error(why, { cause: error }));
      throw new Refusal('outcome_unknown');
    }
    if (db.isTransaction) db.exec('ROLLBACK');
    throw refusal;
  }
}

/** SQLITE_FULL is an expected outcome (nothing was written); everything else stays what it is. */
function failure(error: unknown): unknown {
  const { errcode } = error as { errcode?: number };
  return errcode !== undefined && (errcode & 0xff) === 13 ? new Refusal('storage_full') : error;
}

function questions(db: DatabaseSync): { statement: (sql: string) => StatementSync; reader: Reader } {
  const cache = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let found = cache.get(sql);
    if (!found) {
      found = db.prepare(sql);
      found.setReadBigInts(true);
      cache.set(sql, found);
    }
    return found;
  };
  return {
    statement,
    reader: {
      all: async <R extends Row>(sql: string, values?: readonly Value[]) =>
        statement(sql).all(...checked(values)) as R[],
      one: async <R extends Row>(sql: string, values?: readonly Value[]) =>
        statement(sql).get(...checked(values)) as R | undefined,
    },
  };
}

/** node:sqlite takes a plain object for named parameters and stores NULL: only plain values may pass. */
function checked(values: readonly Value[] = []): readonly Value[] {
  for (const value of values) {
    const fine =
      value === null || typeof value === 'string' || typeof value === 'bigint' || Number.isSafeInteger(value);
    if (!fine) throw new TypeError(`not a database value: ${typeof value}`);
  }
  return values;
}

function makeMutex(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const next = last.then(work, work);
    last = next.catch(() => undefined);
    return next;
  };
}
