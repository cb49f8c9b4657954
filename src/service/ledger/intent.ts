import type { RefusalCode } from '../../core/contract/refusals.ts';
import type { Currency } from '../../core/money.ts';
import type { AccountDraft } from '../store/engine/ledger-store.ts';

/** A refusal as data: which row of the table, with which facts. */
export type RefusalDraft = { readonly code: RefusalCode; readonly facts: Readonly<Record<string, string>> };

/** One line of a transfer: minor units of the account's currency, positive when the account grows. */
export type EntryDraft = { readonly account: AccountDraft; readonly amount: bigint };

/**
 * A named number that changes with the money and must stay inside its bounds. One idea serves many rules:
 * a quote used once is add 1, most 1; a unique bank reference the same; a daily limit is add the amount, most the
 * limit; what is left to refund likewise; a capability that must not be restricted is add 0, most 0.
 */
export type Guard = {
  readonly name: string;
  readonly add: bigint;
  readonly most: bigint;
  /** Set when it is money in this currency: the refusal then says how much is `used`. */
  readonly counts?: Currency;
  /**
   * Asked only while this account of the intent is watched, or is not there yet. So what almost nobody is under costs
   * those who are not nothing.
   */
  readonly of?: AccountDraft;
  readonly refusal: RefusalDraft;
};

/** A hold to make: the amount leaves the available balance and stays in the balance. */
export type HoldDraft = {
  readonly id: string;
  readonly account: AccountDraft;
  readonly amount: bigint;
  readonly reason: string;
  readonly expiresAt: string | null;
};

/** A hold to resolve, once: `posted` releases it for this intent's entries to take (all of it or a part). */
export type HoldResolution = {
  readonly id: string;
  readonly account: AccountDraft;
  readonly as: 'posted' | 'voided' | 'expired';
  /** How much of a posted hold this intent takes; the rest becomes available again. */
  readonly amount?: bigint;
};

/** What the transfer row says to people; the entries say where the money went. */
export type TransferDraft = {
  readonly kind: string;
  readonly from: AccountDraft;
  readonly to: AccountDraft;
  readonly paid: bigint;
  readonly fee: bigint;
  readonly received: bigint;
  readonly quote?: string;
  readonly note?: string;
  readonly details?: Readonly<Record<string, string>>;
};

/** Something others are told after the commit. The payload gets the id and time of the transfer. */
export type EventDraft = {
  readonly id: string;
  readonly kind: string;
  readonly payload: Readonly<Record<string, string>>;
};

/**
 * Plain data that says everything one money operation will write. The poster decides it against the state under lock
 * and writes it whole or not at all. New kinds of payment are new intents, never new ways to write money.
 */
export type Intent = {
  /** The id the transfer gets, or the refusal, so that it can be asked about later. */
  readonly id: string;
  /** Who acts: a user id, or `system:…`. */
  readonly initiator: string;
  /** Idempotency: per owner, for ever. Fingerprint fields are what must be equal when the key comes again. */
  readonly key: { readonly owner: string; readonly key: string; readonly fingerprint: string };
  readonly transfer?: TransferDraft;
  readonly entries: readonly EntryDraft[];
  readonly makeHolds?: readonly HoldDraft[];
  readonly resolveHolds?: readonly HoldResolution[];
  readonly guards?: readonly Guard[];
  /** Accounts that are watched from now on, those of them that are there. */
  readonly watch?: readonly AccountDraft[];
  /** Accounts that are there and open from now on. */
  readonly open?: readonly AccountDraft[];
  /** Accounts that take no money from now on: refused unless they are there and empty. */
  readonly close?: readonly AccountDraft[];
  /** The last instant at which this may be written, by the clock of the executing transaction. */
  readonly notAfter?: { readonly at: string; readonly refusal: RefusalDraft };
  /** Written as a refusal whatever the state: burns the key so that nothing can be done under it later. */
  readonly refuse?: RefusalDraft;
  readonly events?: readonly EventDraft[];
  /** Decide only: nothing is written, not even the key. */
  readonly dryRun?: boolean;
};

/** How an intent ended. `replayed` when the key had already been decided, with the outcome of that first time. */
export type Outcome =
  | {
      readonly state: 'done';
      readonly id: string;
      readonly at: string;
      readonly replayed: boolean;
      /** The balance of the account a transfer was paid from, right after it; unless replayed, or only tried. */
      readonly balanceAfter?: bigint;
    }
  | {
      readonly state: 'refused';
      readonly id: string;
      readonly refusal: RefusalDraft;
      readonly replayed: boolean;
    }
  /** The key belongs to another request; nothing was recorded. */
  | { readonly state: 'mismatch'; readonly field: string };
