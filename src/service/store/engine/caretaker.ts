import type { Finding } from '../../../core/checks/attempt.ts';
import type { Reader, Snapshot } from './engine.ts';

/** What can be said of a database without reading it. */
export type Look = {
  /** Steps of our schema that were taken; 0 when there is no table of ours. */
  readonly version: number;
  /** `SQLite 3.53.0`. */
  readonly product: string;
  readonly bytes: number;
  readonly walBytes?: number;
  readonly heldBy?: string;
};

/** Sees what is in a copy, or in a database that is about to be replaced; stops everything by throwing. */
export type Prove<T> = (copy: { readonly reader: Reader; readonly version: number }) => Promise<T>;

/** What is in the place where a copy shall be put; `nothing` of ours, or something that cannot be read. */
export type Present = Snapshot | 'nothing' | 'unreadable';

/** Looks at what is there and at what would come; stops everything by throwing. */
export type Weigh<T> = (now: Present, coming: Reader) => Promise<T>;

/** Looks after a database as a thing: whatever its schema, and whether or not a service works on it. */
export type Caretaker = {
  readonly engine: 'sqlite' | 'postgres';
  /** For people: a path, or a URL without its password. */
  readonly place: string;
  /** Steps of the schema that this program knows. */
  readonly known: number;
  /** Throws `database_damaged` for another program's database. */
  readonly look: () => Promise<Look>;
  /** One moment of a database that is there, beside whoever works on it. */
  readonly openSnapshot: () => Promise<Snapshot>;
  /** Reads every page. */
  readonly checkPages: () => Promise<PageCheck>;
  /**
   * Writes a copy of one moment to a new file that only the user can read, checks that it can be read whole, and has
   * what is in it proved. Throws `database_unsound`, `program_missing`, `program_failed`.
   */
  readonly backUp: <T>(draft: string, prove: Prove<T>) => Promise<{ proof: T; how: string }>;
  /**
   * Puts the copy in `file` in the database's place when its pages are whole and `weigh` does not object: all of it or
   * nothing. Gives where the database that was there is now. Throws `backup_unusable`, `database_held`.
   */
  readonly restore: <T>(file: string, weigh: Weigh<T>) => Promise<Restored<T>>;
  /** What is well and what is not about its files or its server, without reading what is in it. */
  readonly examine: () => Promise<Finding[]>;
  /** The database's own clock, where it has one, in Unix milliseconds. */
  readonly clock?: () => Promise<number>;
};

export type PageCheck = {
  /** For people: what was read and compared. */
  readonly how: string;
  /** A sentence for each thing that is not as it should be. */
  readonly findings: readonly string[];
};

export type Restored<T> = {
  readonly weighed: T;
  /** For people: how its pages were checked. */
  readonly how: string;
  /** The schema of the copy, before it was brought up. */
  readonly version: number;
  readonly keptAs?: string;
};
