import type { Claims } from './claims.ts';
import type { Fuse } from './fuse.ts';
import type { LedgerStore } from './ledger-store.ts';
import type { AtEndOfTurn } from './turn.ts';

/** What a database column may hold on the way in. Plain objects, dates and floats are refused by the engines. */
export type Value = string | bigint | number | null;

/** A row as it is read: every integer is a bigint, whatever its size. */
export type Row = Record<string, string | bigint | null>;

/**
 * A question for the rows that have one of some keys, which many calls ask at the same time, each for its own. In `sql`
 * the rows are narrowed by `are`, given the column that is held against the keys; the answer has it under `key`. Each is
 * made once, as what is asked together is known by it.
 */
export type Question = { readonly sql: (are: (column: string) => string) => string; readonly key: string };

/** Questions to the database. SQL uses `?` for values and only what SQLite and PostgreSQL both take. */
export type Reader = {
  /** Asks for all who ask the same thing at a time; not within a transaction or a snapshot. */
  readonly gather?: (question: Question, keys: readonly string[]) => Promise<Row[]>;
  readonly all: <R extends Row>(sql: string, values?: readonly Value[]) => Promise<R[]>;
  readonly one: <R extends Row>(sql: string, values?: readonly Value[]) => Promise<R | undefined>;
};

/** Questions and changes inside one transaction. */
export type Writer = Reader & {
  /** Runs a change; gives the number of rows it touched. */
  readonly run: (sql: string, values?: readonly Value[]) => Promise<number>;
};

/**
 * The database as it was at one moment: every question sees the same rows, whatever is written meanwhile, and other
 * work gets its turn between two questions. Until `close` the database keeps what it would otherwise tidy away.
 */
export type Snapshot = Reader & { readonly close: () => Promise<void> };

/**
 * A database. Reads outside a transaction see committed rows only. `transact` is one durable transaction: when it
 * returns, the rows survive a power cut; when it throws, nothing was written, except for `outcome_unknown`.
 * `post` is the same for the ledger, which alone writes money. Once the fuse has blown, nothing more is written.
 */
export type Engine = Reader & {
  readonly name: 'sqlite' | 'postgres';
  readonly place: string;
  /** Blown by an engine that cannot find out any more what one of its commits did, and by whoever meets a broken invariant. */
  readonly fuse: Fuse;
  readonly transact: <T>(work: (tx: Writer) => Promise<T>) => Promise<T>;
  readonly post: <T>(work: (store: LedgerStore) => Promise<T>) => Promise<T>;
  /** When what several calls want is taken together; see turn.ts. */
  readonly atEndOfTurn: AtEndOfTurn;
  /** How many posts it takes at once, when more than one: while one commits, the next may already ask for its locks. */
  readonly postsAtOnce?: number;
  /**
   * Returns when all that could be read before is as durable as what `transact` wrote. A commit that was not answered
   * can be seen although the standby does not have it: whoever tells its outcome asks for this first. Throws
   * `outcome_unknown`.
   */
  readonly confirm: () => Promise<void>;
  readonly claims: Claims;
  /** Figures about the engine itself, as they stand: its pool, its files. */
  readonly gauges?: () => readonly EngineGauge[];
  /** For long reads that must agree with themselves, such as an audit or an export. */
  readonly openSnapshot: () => Promise<Snapshot>;
  readonly close: () => Promise<void>;
};

/** `name` as in Prometheus, without the prefix. */
export type EngineGauge = { readonly name: string; readonly help: string; readonly value: number };
