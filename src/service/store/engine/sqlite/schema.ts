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
  `
  -- When the owner last proved who they are, and whether with a second factor.
  ALTER TABLE sessions ADD COLUMN proved_at TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN with_factor INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE sessions ADD COLUMN network TEXT NOT NULL DEFAULT '';
  ALTER TABLE sessions ADD COLUMN device_id TEXT;

  CREATE TABLE devices (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- From where it was last used.
    network TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_used_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX devices_by_user ON devices (user_id, id);

  CREATE TABLE second_factors (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    -- Sealed; see identity/keyring.ts.
    secret TEXT NOT NULL,
    -- The last time step a code was accepted for: none up to it is accepted again.
    last_step INTEGER NOT NULL DEFAULT 0,
    -- Null until the first right code.
    enabled_at TEXT,
    -- When its owner was last told of a right password with a wrong code.
    told_at TEXT NOT NULL DEFAULT '',
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE recovery_codes (
    code_hash TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at TEXT NOT NULL,
    used_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id);

  -- Above this amount a payment in this currency takes a second factor.
  CREATE TABLE confirmation_limits (
    user_id TEXT NOT NULL REFERENCES users (id),
    currency TEXT NOT NULL,
    above INTEGER NOT NULL CHECK (above >= 0),
    PRIMARY KEY (user_id, currency)
  ) STRICT, WITHOUT ROWID;

  -- One for each request, also for addresses that have no account.
  CREATE TABLE mailed_codes (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    email_key TEXT NOT NULL,
    user_id TEXT,
    details TEXT,
    code_hash TEXT NOT NULL,
    link_hash TEXT NOT NULL UNIQUE,
    attempts INTEGER NOT NULL DEFAULT 0,
    expires_at TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX mailed_codes_by_email ON mailed_codes (email_key, purpose, id);

  -- Addresses an account was at: they are told of what happens to it for a while.
  CREATE TABLE former_addresses (
    user_id TEXT NOT NULL REFERENCES users (id),
    email TEXT NOT NULL,
    left_at TEXT NOT NULL,
    PRIMARY KEY (user_id, email)
  ) STRICT, WITHOUT ROWID;

  -- Tries at a door, for one account, one device or one source; see identity/throttle.ts.
  CREATE TABLE throttles (
    name TEXT PRIMARY KEY,
    in_a_row INTEGER NOT NULL,
    empty_at TEXT NOT NULL,
    wait_until TEXT NOT NULL,
    forget_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX throttles_by_forget ON throttles (forget_at);

  CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    -- JSON: what the token may do, at most how much, to whom, from where.
    scopes TEXT NOT NULL,
    caps TEXT NOT NULL,
    payees TEXT,
    networks TEXT,
    plan TEXT,
    -- The role its owner had when it was made, when it may be used for that.
    made_as TEXT,
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    last_network TEXT,
    expires_at TEXT NOT NULL,
    UNIQUE (user_id, name_key)
  ) STRICT, WITHOUT ROWID;

  -- Append-only. A row is written with what it tells of, and sealed into the chain after the commit: seq and hash are
  -- null until then.
  CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    at TEXT NOT NULL,
    action TEXT NOT NULL,
    actor TEXT NOT NULL,
    actor_role TEXT,
    -- The holder it is about, and the thing: a transfer, a session, a case.
    subject TEXT,
    object TEXT,
    reason TEXT,
    device TEXT,
    network TEXT,
    facts TEXT NOT NULL,
    seq INTEGER UNIQUE,
    hash TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX audit_log_by_subject ON audit_log (subject, id);
  CREATE INDEX audit_log_by_actor ON audit_log (actor, id);
  CREATE INDEX audit_log_unsealed ON audit_log (id) WHERE seq IS NULL;

  -- Mails that went out; proof_hash is of the code that shows a mail to be ours. The id is made when it is sent; event is
  -- what asked for it, and is in its Message-ID. The address is masked.
  CREATE TABLE sent_mails (
    id TEXT PRIMARY KEY,
    user_id TEXT,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    address TEXT NOT NULL,
    event TEXT NOT NULL,
    proof_hash TEXT NOT NULL UNIQUE,
    sent_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX sent_mails_by_user ON sent_mails (user_id, id);

  -- 1 while it is not known that nothing keeps the owner from anything: then the guards of that are asked.
  ALTER TABLE accounts ADD COLUMN watched INTEGER NOT NULL DEFAULT 1;

  CREATE TABLE restrictions (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    capability TEXT NOT NULL,
    reason TEXT NOT NULL,
    in_flight TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TEXT NOT NULL,
    expires_at TEXT,
    lifted_by TEXT,
    lifted_at TEXT,
    lift_reason TEXT,
    -- 1 while the guard on payments counts it.
    guarded INTEGER NOT NULL DEFAULT 0,
    -- When a job has to look at it next; null for never.
    due_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX restrictions_by_user ON restrictions (user_id, id);
  CREATE INDEX restrictions_due ON restrictions (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    act TEXT NOT NULL,
    subject TEXT NOT NULL,
    input TEXT NOT NULL,
    reason TEXT NOT NULL,
    state TEXT NOT NULL
      CHECK (state IN ('asked', 'approved', 'running', 'refused', 'done', 'failed', 'expired', 'stopped')),
    asked_by TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    decided_by TEXT,
    decided_at TEXT,
    decision_reason TEXT,
    runs_at TEXT,
    ended_at TEXT,
    result TEXT,
    -- When a job has to look at it next; null for never.
    due_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX approvals_by_state ON approvals (state, id);
  CREATE INDEX approvals_by_subject ON approvals (subject, id);
  CREATE INDEX approvals_due ON approvals (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    title TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
    assigned_to TEXT,
    opened_by TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    closed_at TEXT,
    close_reason TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX cases_by_user ON cases (user_id, state, id);
  CREATE INDEX cases_by_state ON cases (state, id);
  CREATE INDEX cases_by_assignee ON cases (assigned_to, state, id) WHERE assigned_to IS NOT NULL;

  CREATE TABLE case_messages (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL REFERENCES cases (id),
    author TEXT NOT NULL,
    from_staff INTEGER NOT NULL,
    text TEXT NOT NULL,
    -- Of the code that shows a message from staff to be ours.
    proof_hash TEXT UNIQUE,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX case_messages_by_case ON case_messages (case_id, id);

  CREATE TABLE notes (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notes_by_user ON notes (user_id, id);

  -- What staff look for.
  CREATE INDEX users_by_phone ON users (phone, id) WHERE phone IS NOT NULL;
  CREATE INDEX users_by_role ON users (role, id) WHERE role IS NOT NULL;
  CREATE INDEX payees_by_name ON payees (name_key, id);
  `,
  `
  -- What is past its term; see jobs/forget.ts.
  CREATE INDEX tokens_by_end ON tokens (expires_at);
  CREATE INDEX devices_by_use ON devices (last_used_at);
  CREATE INDEX former_addresses_by_end ON former_addresses (left_at);
  CREATE INDEX second_factors_begun ON second_factors (created_at) WHERE enabled_at IS NULL;
  `,
  `
  -- A quote may pay in one currency and be received in another. Fees are a JSON list of {kind, minor}, in the currency that
  -- pays; rate is the exact fraction n/d of the middle of the market, spread in hundredths of a percent of it.
  ALTER TABLE quotes ADD COLUMN receive_currency TEXT NOT NULL DEFAULT '';
  ALTER TABLE quotes ADD COLUMN fees TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE quotes ADD COLUMN rate TEXT;
  ALTER TABLE quotes ADD COLUMN spread INTEGER;
  ALTER TABLE quotes ADD COLUMN rate_source TEXT;
  ALTER TABLE quotes ADD COLUMN rate_at TEXT;
  ALTER TABLE quotes ADD COLUMN arrives TEXT NOT NULL DEFAULT 'at once';
  UPDATE quotes SET receive_currency = currency;
  UPDATE quotes SET fees = '[{"kind":"transfer","minor":"' || fee || '"}]' WHERE fee > 0;

  -- What one unit of the base is worth in a currency, as a decimal. Append-only: of one time the one added last holds.
  CREATE TABLE rates (
    id TEXT PRIMARY KEY,
    base TEXT NOT NULL,
    currency TEXT NOT NULL,
    rate TEXT NOT NULL,
    -- For when it was found out, and until when prices may be made of it.
    at TEXT NOT NULL,
    good_until TEXT NOT NULL,
    source TEXT NOT NULL,
    -- 1 when one person alone answers for it: others are measured against those that are 0.
    alone INTEGER NOT NULL,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX rates_by_currency ON rates (currency, at, id);

  -- Versions of what is kept of the middle of the market when one currency is changed into another, in hundredths of a
  -- percent. Currencies are in the order of the alphabet; both are empty for all pairs without one of their own.
  CREATE TABLE spreads (
    id TEXT PRIMARY KEY,
    one TEXT NOT NULL,
    other TEXT NOT NULL,
    basis_points INTEGER NOT NULL CHECK (basis_points BETWEEN 0 AND 5000),
    effective_from TEXT NOT NULL,
    created_at TEXT NOT NULL,
    created_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX spreads_by_pair ON spreads (one, other, effective_from, id);

  -- 1 while its owner has closed it: it takes no money.
  ALTER TABLE accounts ADD COLUMN closed INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- What limits an account has: by the name of a level.
  ALTER TABLE users ADD COLUMN level TEXT NOT NULL DEFAULT 'basic';

  CREATE TABLE levels (
    name TEXT PRIMARY KEY,
    -- JSON; see limits/limit.ts. In one piece, so that they are read with the row of whoever calls or is paid.
    limits TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    changed_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What operators set, by name.
  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    set_at TEXT NOT NULL,
    set_by TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Where holders withdraw to. One that is removed stays for what was paid to it.
  CREATE TABLE bank_accounts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    country TEXT NOT NULL,
    currency TEXT NOT NULL,
    holder_name TEXT NOT NULL,
    -- JSON: what banks know it by. number_key is equal for two that are the same account.
    details TEXT NOT NULL,
    number_key TEXT NOT NULL,
    -- What the bank said of the name, when it was asked.
    name_check TEXT NOT NULL,
    bank_says TEXT,
    added_at TEXT NOT NULL,
    usable_from TEXT NOT NULL,
    removed_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bank_accounts_by_user ON bank_accounts (user_id, id);
  CREATE UNIQUE INDEX bank_accounts_in_use ON bank_accounts (user_id, currency, number_key) WHERE removed_at IS NULL;

  -- The operator's own accounts, which withdrawals are paid from.
  CREATE TABLE own_accounts (
    iban TEXT NOT NULL,
    currency TEXT NOT NULL,
    bic TEXT,
    name TEXT NOT NULL,
    added_at TEXT NOT NULL,
    added_by TEXT NOT NULL,
    PRIMARY KEY (iban, currency)
  ) STRICT, WITHOUT ROWID;

  -- One file for a bank. All that its text is made of is here and in its withdrawals, and never changes.
  CREATE TABLE withdrawal_batches (
    id TEXT PRIMARY KEY,
    iban TEXT NOT NULL,
    bic TEXT,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    version TEXT NOT NULL,
    execute_on TEXT NOT NULL,
    -- open while it is being put together; empty when nothing was left for it.
    state TEXT NOT NULL CHECK (state IN ('open', 'closed', 'empty')),
    payments INTEGER NOT NULL,
    total INTEGER NOT NULL,
    made_at TEXT NOT NULL,
    made_by TEXT NOT NULL,
    due_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX withdrawal_batches_due ON withdrawal_batches (due_at) WHERE due_at IS NOT NULL;

  CREATE TABLE withdrawals (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    bank_account TEXT NOT NULL REFERENCES bank_accounts (id),
    currency TEXT NOT NULL,
    -- In minor units: all that leaves the holder, of that the fee, and what the bank is to pay.
    paid INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    quote TEXT NOT NULL,
    -- The key it was asked for under; see withdrawals/request.ts.
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    hold TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('begun', 'requested', 'approved', 'batched', 'sent', 'settled', 'returned',
      'cancelled', 'rejected', 'failed')),
    -- JSON: what became of it, when, by whom and why.
    moves TEXT NOT NULL,
    -- JSON: the end it is on the way to, while its hold is being let go of.
    ending TEXT,
    approval TEXT,
    batch TEXT,
    -- The transfers that paid it out, brought it back, gave the fee back; and one that came back before it was seen to leave.
    transfer TEXT,
    returned_by TEXT,
    fee_refund TEXT,
    early_return TEXT,
    requested_at TEXT NOT NULL,
    due_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX withdrawals_by_user ON withdrawals (user_id, id);
  CREATE INDEX withdrawals_by_state ON withdrawals (state, id);
  CREATE INDEX withdrawals_by_batch ON withdrawals (batch, id) WHERE batch IS NOT NULL;
  CREATE INDEX withdrawals_by_approval ON withdrawals (approval) WHERE approval IS NOT NULL;
  CREATE INDEX withdrawals_due ON withdrawals (due_at) WHERE due_at IS NOT NULL;

  -- Where a quote of kind withdrawal pays to.
  ALTER TABLE quotes ADD COLUMN bank_account TEXT;
  `,
  `
  -- What a statement says of itself, for the chain of its account: days, balances in minor units of the currency, what its
  -- booked entries come to, the bank's number, and a digest of the entries. finished_at is null while it is being booked,
  -- so also when that was cut off.
  ALTER TABLE statements ADD COLUMN currency TEXT;
  ALTER TABLE statements ADD COLUMN first_day TEXT;
  ALTER TABLE statements ADD COLUMN last_day TEXT;
  ALTER TABLE statements ADD COLUMN sequence INTEGER;
  ALTER TABLE statements ADD COLUMN opening INTEGER;
  ALTER TABLE statements ADD COLUMN closing INTEGER;
  ALTER TABLE statements ADD COLUMN moved INTEGER;
  ALTER TABLE statements ADD COLUMN digest TEXT;
  ALTER TABLE statements ADD COLUMN finished_at TEXT;
  CREATE INDEX statements_by_account ON statements (account, currency, last_day, id) WHERE last_day IS NOT NULL;
  `,
];
