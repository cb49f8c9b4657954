/**
 * The schema as a list of steps; the database remembers in `user_version` how many it has taken. A step is never
 * edited once released: a change is a new step at the end.
 */
export const SCHEMA_STEPS: readonly string[] = [
  `
  CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    phone TEXT,
    password_hash TEXT NOT NULL,
    role TEXT,
    deposit_reference TEXT NOT NULL UNIQUE,
    notify_received INTEGER NOT NULL DEFAULT 1,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE registrations (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    phone TEXT,
    password_hash TEXT NOT NULL,
    code_hash TEXT NOT NULL,
    link_hash TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    mails INTEGER NOT NULL DEFAULT 1,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX registrations_by_email ON registrations (email_key, id);
  CREATE UNIQUE INDEX registrations_by_link ON registrations (link_hash);

  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    device TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_user ON sessions (user_id, id);

  CREATE TABLE payees (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    recipient TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    UNIQUE (owner, name_key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE fee_rules (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    currency TEXT NOT NULL,
    basis_points INTEGER NOT NULL CHECK (basis_points BETWEEN 0 AND 10000),
    fixed INTEGER NOT NULL CHECK (fixed >= 0),
    minimum INTEGER NOT NULL CHECK (minimum >= 0),
    maximum INTEGER CHECK (maximum >= minimum),
    effective_from TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX fee_rules_by_kind ON fee_rules (kind, currency, effective_from, id);

  CREATE TABLE quotes (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    fee_from TEXT NOT NULL,
    currency TEXT NOT NULL,
    paid INTEGER NOT NULL CHECK (paid > 0),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    received INTEGER NOT NULL CHECK (received > 0),
    warnings TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE accounts (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    owner TEXT,
    currency TEXT NOT NULL,
    floor INTEGER,
    balance INTEGER NOT NULL DEFAULT 0,
    held INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    entries INTEGER NOT NULL DEFAULT 0,
    CHECK (floor IS NULL OR balance - held >= floor)
  ) STRICT;
  CREATE INDEX accounts_by_owner ON accounts (owner) WHERE owner IS NOT NULL;
  CREATE INDEX accounts_by_kind ON accounts (kind, currency) WHERE owner IS NULL;

  CREATE TABLE transfers (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    initiator TEXT NOT NULL,
    from_account INTEGER NOT NULL REFERENCES accounts (id),
    to_account INTEGER NOT NULL REFERENCES accounts (id),
    paid INTEGER NOT NULL CHECK (paid > 0),
    fee INTEGER NOT NULL CHECK (fee >= 0),
    received INTEGER NOT NULL CHECK (received > 0),
    quote TEXT,
    note TEXT,
    details TEXT
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries (
    transfer TEXT NOT NULL REFERENCES transfers (id),
    line INTEGER NOT NULL,
    account INTEGER NOT NULL REFERENCES accounts (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    amount INTEGER NOT NULL CHECK (amount <> 0),
    balance_before INTEGER NOT NULL,
    balance_after INTEGER NOT NULL,
    PRIMARY KEY (transfer, line),
    CHECK (balance_after - balance_before = amount)
  ) STRICT, WITHOUT ROWID;
  -- With the figures in it, a page of history does not look up each entry.
  CREATE INDEX entries_by_account ON entries (account, transfer, line, amount, balance_after);

  CREATE TABLE holds (
    id TEXT PRIMARY KEY,
    account INTEGER NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL CHECK (state IN ('pending', 'posted', 'voided', 'expired')),
    reason TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    resolved_by TEXT,
    resolved_at TEXT,
    CHECK ((state = 'pending') = (resolved_at IS NULL))
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX holds_pending ON holds (account, id) WHERE state = 'pending';
  CREATE INDEX holds_expiring ON holds (expires_at) WHERE state = 'pending' AND expires_at IS NOT NULL;

  CREATE TABLE guards (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL,
    changed_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE idempotency (
    key TEXT NOT NULL,
    owner TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    id TEXT NOT NULL,
    refusal TEXT,
    at TEXT NOT NULL,
    PRIMARY KEY (key, owner)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_refused ON idempotency (id) WHERE refusal IS NOT NULL;

  CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    run_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE statements (
    id TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    bank_id TEXT NOT NULL,
    imported_at TEXT NOT NULL,
    imported_by TEXT NOT NULL,
    report TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  ALTER TABLE outbox ADD COLUMN claimed_by TEXT;
  ALTER TABLE outbox ADD COLUMN lease_until INTEGER;

  CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    lease_until INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];
