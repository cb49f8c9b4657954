import type { Currency } from '../../../core/money.ts';

/** An account as the poster sees it while it holds its lock. Amounts are minor units of the account's currency. */
export type AccountRow = {
  /** 0 until the account is opened. */
  readonly id: bigint;
  readonly name: string;
  readonly currency: Currency;
  /** What the available balance may not fall below; null when the account has no floor. */
  readonly floor: bigint | null;
  readonly balance: bigint;
  readonly held: bigint;
  /** How many entries the account has. */
  readonly entries: bigint;
  /** 0 when it is known that no restriction keeps its owner from anything; 1 when guards have to be asked. */
  readonly watched: bigint;
  /** 1 while its owner has closed it: it takes no money. */
  readonly closed: bigint;
};

/** What an account is, before and after it is opened. It is opened with the first transfer that names it. */
export type AccountDraft = {
  readonly name: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly currency: Currency;
  readonly floor: bigint | null;
};

export type KeyRow = {
  readonly owner: string;
  readonly key: string;
  readonly fingerprint: string;
  readonly id: string;
  /** The refusal as JSON `{code, facts}`, or null when the call was done. */
  readonly refusal: string | null;
  readonly at: string;
};

export type HoldRow = {
  readonly id: string;
  readonly account: bigint;
  readonly amount: bigint;
  readonly state: 'pending' | 'posted' | 'voided' | 'expired';
  readonly reason: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly resolvedBy: string | null;
  readonly resolvedAt: string | null;
};

/** A hold to write. Its account may be opened by the same batch, and gets its id while it is written. */
export type NewHoldRow = Omit<HoldRow, 'account'> & { readonly account: AccountRow };

export type TransferRow = {
  readonly id: string;
  readonly kind: string;
  readonly at: string;
  readonly initiator: string;
  readonly from: AccountRow;
  readonly to: AccountRow;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly received: bigint;
  readonly quote: string | null;
  readonly note: string | null;
  /** Facts of this kind of transfer, as JSON. */
  readonly details: string | null;
};

export type EntryRow = {
  readonly transfer: string;
  readonly line: number;
  readonly account: AccountRow;
  readonly seq: bigint;
  readonly amount: bigint;
  readonly before: bigint;
  readonly after: bigint;
};

export type EventRow = {
  readonly id: string;
  readonly kind: string;
  readonly payload: string;
  readonly runAt: string;
};

/** New rows with ids of their own, which no other batch can wait for. */
export type LedgerRows = {
  readonly transfers: readonly TransferRow[];
  readonly entries: readonly EntryRow[];
  readonly events: readonly EventRow[];
};

/** Everything one batch changes. Accounts to open come first: their rows get their ids while they are written. */
export type LedgerChanges = LedgerRows & {
  readonly opened: readonly { readonly draft: AccountDraft; readonly row: { id: bigint } }[];
  readonly keys: readonly KeyRow[];
  readonly accounts: readonly AccountRow[];
  readonly holdsMade: readonly NewHoldRow[];
  readonly holdsResolved: readonly Omit<HoldRow, 'account'>[];
  readonly guards: readonly { readonly name: string; readonly value: bigint; readonly by: string }[];
};

/** What a batch of intents names: each once, but a key as often as it is used. */
export type LedgerNames = {
  readonly accounts: readonly string[];
  readonly keys: readonly { readonly owner: string; readonly key: string }[];
  readonly guards: readonly string[];
  readonly holds: readonly string[];
};

/** What there is of what a batch names, locked until the batch is written. */
export type LedgerState = {
  readonly accounts: readonly AccountRow[];
  readonly keys: readonly KeyRow[];
  readonly guards: readonly { readonly name: string; readonly value: bigint }[];
  readonly holds: readonly HoldRow[];
};

/**
 * The money tables inside one transaction of the posting lane: one `load`, then one `write`. In between, rows that are
 * decided may be appended, so that a server writes them while the rest is decided. Used by `ledger/` only.
 * A guard that does not exist and is not changed is not locked either: intents that read and change it must share an
 * account, and one that opens that account writes the guard down (see rules.ts). Guards that only have to be asked
 * because of what was loaded come after that, and before the write.
 */
export type LedgerStore = {
  readonly load: (names: LedgerNames) => Promise<LedgerState>;
  readonly loadGuards: (names: readonly string[]) => Promise<LedgerState['guards']>;
  /** Appends rows whose accounts all have their ids. */
  readonly append: (rows: LedgerRows) => void;
  readonly write: (changes: LedgerChanges) => Promise<void>;
};
