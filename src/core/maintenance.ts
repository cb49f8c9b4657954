/** The rows of a database that matter to whoever runs it, counted at one moment. */
export type Counts = {
  readonly users: number;
  readonly accounts: number;
  readonly transfers: number;
  readonly entries: number;
  /** Mails and notices that are still to go out. */
  readonly outbox: number;
};

/** What a database holds. */
export type Contents = {
  readonly counts: Counts;
  /** The newest transfer, and when it was made (RFC 3339). */
  readonly lastTransfer?: string;
  readonly lastTransferAt?: string;
};

export type DatabaseStatus = {
  readonly engine: 'sqlite' | 'postgres';
  /** A path, or a URL without its password. */
  readonly place: string;
  /** `absent`: there is no file, or no table of ours. `older` and `newer` are about the schema. */
  readonly state: 'absent' | 'current' | 'older' | 'newer';
  /** How many steps of the schema the database has taken, and how many this program knows. */
  readonly schema: { readonly found: number; readonly known: number };
  /** `SQLite 3.53.0`. */
  readonly product: string;
  readonly bytes: number;
  /** What is written and not yet in the main file of SQLite. */
  readonly walBytes?: number;
  /** Who works on an SQLite file, when somebody does. */
  readonly heldBy?: string;
} & Partial<Contents>;

/** A schema that was brought up; `from` is 0 for a new database. */
export type Migration = {
  readonly engine: 'sqlite' | 'postgres';
  readonly place: string;
  readonly from: number;
  readonly to: number;
};

/** What was found on reading a whole database: its pages and indexes, then the ledger derived again. */
export type Soundness = {
  readonly sound: boolean;
  /** How the pages were checked. */
  readonly pages: string;
  /** False when the schema is older, so that only the pages could be read. */
  readonly ledgerVerified: boolean;
  /** The last sealed record of the audit log, `SEQ:HASH`: for `okpay admin audit verify --expect`. */
  readonly auditHead?: string;
  /** Whole sentences, each naming what is wrong. */
  readonly findings: readonly string[];
};

export type Verification = {
  readonly engine: 'sqlite' | 'postgres';
  readonly place: string;
} & Soundness &
  Partial<Contents>;

export type Backup = {
  readonly file: string;
  readonly bytes: number;
  readonly engine: 'sqlite' | 'postgres';
  readonly place: string;
  readonly schema: number;
} & Soundness &
  Partial<Contents>;

export type Restoration = {
  readonly file: string;
  readonly engine: 'sqlite' | 'postgres';
  readonly place: string;
  readonly schema: { readonly from: number; readonly to: number };
  /** What was there before, when something was. */
  readonly replaced?: Replaced;
} & Soundness &
  Partial<Contents>;

/** A database that a restored one took the place of. */
export type Replaced = {
  /** Where it is now. */
  readonly keptAs: string;
  /** Transfers it knew that the restored one does not: they have to be looked into one by one. */
  readonly forgotten: number;
} & Partial<Contents>;

/** One thing the doctor looked at. */
export type Check = {
  /** What was looked at: `database`, `mail`. */
  readonly name: string;
  readonly state: 'ok' | 'warning' | 'problem';
  /** What was found, a whole sentence without secrets. */
  readonly found: string;
  /** What to do about it: a sentence or a command. */
  readonly todo?: string;
};

/** What can be done with the database itself, on the machine it belongs to, whether or not a service runs on it. */
export type Maintenance = {
  readonly status: () => Promise<DatabaseStatus>;
  /** Brings the schema up. Throws `database_held`, `database_newer`, `database_damaged`. */
  readonly migrate: () => Promise<Migration>;
  /** Reads everything once. */
  readonly verify: () => Promise<Verification>;
  /** Copies everything into a new file, also while a service runs. Throws `file_exists` unless `force`. */
  readonly backUp: (file: string, force: boolean) => Promise<Backup>;
  /** Puts a backup in place. Throws `database_not_empty` unless `force`, `backup_unusable`, `database_held`. */
  readonly restore: (file: string, force: boolean) => Promise<Restoration>;
  /** What the doctor asks of the service's side: database, disk, clock, mail. */
  readonly examine: () => Promise<Check[]>;
};
