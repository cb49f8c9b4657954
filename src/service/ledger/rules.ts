import assert from 'node:assert/strict';
import { MAX_MINOR, formatMoney } from '../../core/money.ts';
import type {
  AccountDraft,
  AccountRow,
  EntryRow,
  EventRow,
  KeyRow,
  LedgerChanges,
  LedgerRows,
  LedgerState,
  NewHoldRow,
  TransferRow,
} from '../store/engine/ledger-store.ts';
import { restrictionGuardsOf } from './guards.ts';
import type { Guard, Intent, Outcome, RefusalDraft } from './intent.ts';
import { outcomeOf } from './outcome.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * The state one batch is decided against: what was read under lock, changed in memory by every intent that was
 * accepted so far. Pure: it touches no database and no clock. Neighbours see each other's effects in order, and a
 * refused intent leaves no trace but its key.
 */
export class Book {
  readonly #now: string;
  readonly #accounts = new Map<string, Mutable<AccountRow>>();
  readonly #keys = new Map<string, KeyRow>();
  readonly #guards = new Map<string, bigint>();
  /** The guards that were asked because of an account. */
  readonly #asked: ReadonlySet<string>;
  readonly #holds = new Map<string, NewHoldRow>();
  readonly #opened = new Map<string, { draft: AccountDraft; row: Mutable<AccountRow> }>();
  readonly #touched = new Set<Mutable<AccountRow>>();
  /** Which intent changed a guard last. */
  readonly #changedGuards = new Map<string, string>();
  readonly #newHolds = new Set<string>();
  readonly #resolvedHolds = new Set<string>();
  readonly #newKeys: KeyRow[] = [];
  #transfers: TransferRow[] = [];
  #entries: EntryRow[] = [];
  #events: EventRow[] = [];

  constructor(now: string, state: LedgerState, asked: ReadonlySet<string> = new Set()) {
    this.#now = now;
    this.#asked = asked;
    for (const account of state.accounts) this.#accounts.set(account.name, { ...account });
    for (const key of state.keys) this.#keys.set(keyName(key), key);
    for (const guard of state.guards) this.#guards.set(guard.name, guard.value);
    const byId = new Map([...this.#accounts.values()].map((account) => [account.id, account]));
    for (const hold of state.holds) {
      // A hold of an account that no intent names cannot be resolved by any of them.
      const account = byId.get(hold.account);
      if (account) this.#holds.set(hold.id, { ...hold, account });
    }
  }

  /** Decides one intent. The order of the checks is fixed: key, time, guards, holds, money. */
  decide(intent: Intent): Outcome {
    const known = this.#keys.get(keyName(intent.key));
    if (known) return outcomeOf(known, intent.key.fingerprint);
    const refusal = intent.refuse ?? this.#refusal(intent);
    if (refusal) {
      if (!intent.dryRun) this.#record(intent, refusal);
      return { state: 'refused', id: intent.id, refusal, replayed: false };
    }
    const done = { state: 'done', id: intent.id, at: this.#now, replayed: false } as const;
    if (intent.dryRun) return done;
    this.#apply(intent);
    this.#record(intent, null);
    const { transfer } = intent;
    return transfer ? { ...done, balanceAfter: this.#account(transfer.from).balance } : done;
  }

  /** The rows decided since this was last asked, for the store to append; none once an account waits for its id. */
  takeRows(): LedgerRows {
    if (this.#opened.size > 0) return { transfers: [], entries: [], events: [] };
    const rows = { transfers: this.#transfers, entries: this.#entries, events: this.#events };
    [this.#transfers, this.#entries, this.#events] = [[], [], []];
    return rows;
  }

  /** What the decisions so far change, for the store to write, but for the rows that were taken. */
  changes(): LedgerChanges {
    return {
      transfers: this.#transfers,
      entries: this.#entries,
      events: this.#events,
      opened: [...this.#opened.values()],
      keys: this.#newKeys,
      accounts: [...this.#touched],
      holdsMade: [...this.#newHolds].map((id) => this.#hold(id)),
      holdsResolved: [...this.#resolvedHolds].map((id) => this.#hold(id)),
      guards: [...this.#changedGuards].map(([name, by]) => ({
        name,
        value: this.#guards.get(name) ?? 0n,
        by,
      })),
    };
  }

  #refusal(intent: Intent): RefusalDraft | undefined {
    if (intent.notAfter && this.#now > intent.notAfter.at) return intent.notAfter.refusal;
    const added = new Map<string, bigint>();
    for (const guard of intent.guards ?? []) {
      const { name, of } = guard;
      if (of && this.#account(of).watched === 0n) continue;
      assert(!of || this.#asked.has(name), `guard ${name} was asked for this batch`);
      const used = added.get(name) ?? this.#guards.get(name) ?? 0n;
      const value = used + guard.add;
      if (value > guard.most) return refusalOf(guard, used);
      added.set(name, value);
    }
    for (const resolution of intent.resolveHolds ?? []) {
      const hold = this.#holds.get(resolution.id);
      if (hold?.account !== this.#account(resolution.account))
        return { code: 'not_found', facts: { thing: 'hold', id: resolution.id } };
      const state = resolution.as === 'expired' ? hold.state : this.#stateNow(hold);
      if (state !== 'pending') return { code: 'hold_resolved', facts: { state } };
      const { currency } = resolution.account;
      if ((resolution.amount ?? 0n) > hold.amount) {
        const amount = formatMoney({ minor: resolution.amount ?? 0n, currency });
        return {
          code: 'hold_exceeded',
          facts: { amount, held: formatMoney({ minor: hold.amount, currency }) },
        };
      }
    }
    for (const draft of intent.close ?? []) {
      const { id, balance, held, currency } = this.#account(draft);
      if (id === 0n) return { code: 'not_found', facts: { thing: 'account', id: currency } };
      if (balance === 0n && held === 0n) continue;
      const say = (minor: bigint) => formatMoney({ minor, currency });
      return { code: 'account_not_empty', facts: { balance: say(balance), held: say(held) } };
    }
    return this.#refusalOfClosed(intent) ?? this.#refusalOfMoney(intent);
  }

  /** A closed account takes no money. Others are told no more of it than that its owner cannot be paid. */
  #refusalOfClosed({ entries, initiator }: Intent): RefusalDraft | undefined {
    for (const { account: draft, amount } of entries) {
      if (amount <= 0n || this.#account(draft).closed === 0n) continue;
      return draft.owner === initiator
        ? { code: 'account_closed', facts: { currency: draft.currency } }
        : { code: 'recipient_unavailable', facts: {} };
    }
    return undefined;
  }

  #refusalOfMoney(intent: Intent): RefusalDraft | undefined {
    for (const [account, change] of this.#netOf(intent)) {
      const balance = account.balance + change.balance;
      const most = [balance, -balance, account.held + change.held].some((amount) => amount > MAX_MINOR);
      if (most) return { code: 'balance_limit', facts: {} };
      const available = balance - account.held - change.held;
      const shrinks = change.balance - change.held < 0n;
      if (account.floor !== null && shrinks && available < account.floor) {
        const before = account.balance - account.held - account.floor;
        const needed = change.held - change.balance;
        const { currency } = account;
        return {
          code: 'insufficient_funds',
          facts: {
            needed: formatMoney({ minor: needed, currency }),
            available: formatMoney({ minor: before, currency }),
          },
        };
      }
    }
    return undefined;
  }

  #netOf(intent: Intent): Map<Mutable<AccountRow>, { balance: bigint; held: bigint }> {
    const net = new Map<Mutable<AccountRow>, { balance: bigint; held: bigint }>();
    const of = (draft: AccountDraft) => {
      const account = this.#account(draft);
      let change = net.get(account);
      if (!change) net.set(account, (change = { balance: 0n, held: 0n }));
      return change;
    };
    for (const entry of intent.entries) of(entry.account).balance += entry.amount;
    for (const hold of intent.makeHolds ?? []) of(hold.account).held += hold.amount;
    for (const resolution of intent.resolveHolds ?? []) {
      of(resolution.account).held -= this.#hold(resolution.id).amount;
    }
    return net;
  }

  #apply(intent: Intent): void {
    assertBalanced(intent);
    if (intent.transfer) {
      const { transfer } = intent;
      this.#transfers.push({
        id: intent.id,
        kind: transfer.kind,
        at: this.#now,
        initiator: intent.initiator,
        from: this.#open(transfer.from),
        to: this.#open(transfer.to),
        paid: transfer.paid,
        fee: transfer.fee,
        received: transfer.received,
        quote: transfer.quote ?? null,
        note: transfer.note ?? null,
        details: transfer.details ? JSON.stringify(transfer.details) : null,
      });
    }
    intent.entries.forEach((entry, at) => this.#enter(intent.id, at + 1, entry.account, entry.amount));
    for (const draft of intent.makeHolds ?? []) {
      const account = this.#open(draft.account);
      assert(draft.amount > 0n, 'a hold is more than zero');
      account.held += draft.amount;
      this.#touched.add(account);
      this.#newHolds.add(draft.id);
      this.#holds.set(draft.id, {
        id: draft.id,
        account,
        amount: draft.amount,
        state: 'pending',
        reason: draft.reason,
        createdAt: this.#now,
        expiresAt: draft.expiresAt,
        resolvedBy: null,
        resolvedAt: null,
      });
    }
    for (const resolution of intent.resolveHolds ?? []) {
      const account = this.#account(resolution.account);
      const hold = this.#hold(resolution.id);
      assert.equal(hold.state, 'pending', 'an intent resolves a hold once');
      const isOver = this.#stateNow(hold) === 'expired';
      assert.equal(isOver, resolution.as === 'expired', `hold ${hold.id} expires when its time has come`);
      account.held -= hold.amount;
      this.#touched.add(account);
      if (!this.#newHolds.has(hold.id)) this.#resolvedHolds.add(hold.id);
      this.#holds.set(hold.id, {
        ...hold,
        state: resolution.as,
        resolvedBy: intent.id,
        resolvedAt: this.#now,
      });
    }
    for (const draft of intent.open ?? []) this.#shut(draft, 0n);
    for (const draft of intent.close ?? []) this.#shut(draft, 1n);
    for (const { of } of intent.guards ?? []) if (of) this.#rest(of);
    for (const { name } of intent.watch ?? []) {
      const account = this.#accounts.get(name);
      // One that is opened is watched anyway.
      if (!account || account.id === 0n) continue;
      account.watched = 1n;
      this.#touched.add(account);
    }
    const opens = this.#opensAccount(intent);
    for (const guard of intent.guards ?? []) {
      // Whoever changes a guard that is not there yet waits for those who only looked at it, as they lock an account of
      // the same holder. An account that is not there yet locks nothing: then the guard is written down instead.
      const isKnown = guard.of === undefined || this.#asked.has(guard.name);
      if (guard.add === 0n && (!opens || !isKnown || this.#guards.has(guard.name))) continue;
      this.#guards.set(guard.name, (this.#guards.get(guard.name) ?? 0n) + guard.add);
      this.#changedGuards.set(guard.name, intent.id);
    }
    for (const event of intent.events ?? []) {
      const payload = JSON.stringify({ ...event.payload, transfer: intent.id, at: this.#now });
      this.#events.push({ id: event.id, kind: event.kind, payload, runAt: this.#now });
    }
  }

  #shut(draft: AccountDraft, closed: 0n | 1n): void {
    const account = this.#open(draft);
    account.closed = closed;
    this.#touched.add(account);
  }

  #enter(transfer: string, line: number, draft: AccountDraft, amount: bigint): void {
    const account = this.#open(draft);
    assert(amount !== 0n, 'an entry is not zero');
    const before = account.balance;
    account.balance += amount;
    account.entries += 1n;
    this.#touched.add(account);
    this.#entries.push({
      transfer,
      line,
      account,
      seq: account.entries,
      amount,
      before,
      after: account.balance,
    });
  }

  #record(intent: Intent, refusal: RefusalDraft | null): void {
    const row = {
      ...intent.key,
      id: intent.id,
      refusal: refusal ? JSON.stringify(refusal) : null,
      at: this.#now,
    };
    this.#keys.set(keyName(row), row);
    this.#newKeys.push(row);
  }

  /** Watches an account no more when nothing keeps its owner from anything. */
  #rest(draft: AccountDraft): void {
    const account = this.#account(draft);
    if (account.watched === 0n || account.id === 0n) return;
    const names = restrictionGuardsOf(draft.owner ?? '');
    if (names.some((name) => !this.#asked.has(name) || (this.#guards.get(name) ?? 0n) > 0n)) return;
    account.watched = 0n;
    this.#touched.add(account);
  }

  #opensAccount({ entries, makeHolds = [] }: Intent): boolean {
    if (this.#opened.size === 0) return false;
    return [...entries, ...makeHolds].some(({ account }) => this.#opened.has(account.name));
  }

  /** The account as it stands, or as it would be when opened now. */
  #account(draft: AccountDraft): Mutable<AccountRow> {
    const { name, currency, floor } = draft;
    let account = this.#accounts.get(name);
    if (!account) {
      account = {
        id: 0n,
        name,
        currency,
        floor,
        balance: 0n,
        held: 0n,
        entries: 0n,
        watched: 1n,
        closed: 0n,
      };
      this.#accounts.set(name, account);
    }
    return account;
  }

  /** The account, opened with this batch when it does not exist yet. */
  #open(draft: AccountDraft): Mutable<AccountRow> {
    const row = this.#account(draft);
    if (row.id === 0n) this.#opened.set(row.name, { draft, row });
    return row;
  }

  /** A hold is over with the first instant of its expiry, whoever comes first to write that down. */
  #stateNow({ state, expiresAt }: NewHoldRow): NewHoldRow['state'] {
    return state === 'pending' && expiresAt !== null && this.#now >= expiresAt ? 'expired' : state;
  }

  #hold(id: string): NewHoldRow {
    const hold = this.#holds.get(id);
    assert(hold, `hold ${id} was read for this batch`);
    return hold;
  }
}

/** What a guard at its bound answers: with what is used of it when that is money. */
function refusalOf({ refusal, counts }: Guard, used: bigint): RefusalDraft {
  if (counts === undefined) return refusal;
  return { ...refusal, facts: { ...refusal.facts, used: formatMoney({ minor: used, currency: counts }) } };
}

/** Every currency of a transfer sums to zero, and a transfer has two entries or more. */
function assertBalanced(intent: Intent): void {
  const sums = new Map<string, bigint>();
  for (const { account, amount } of intent.entries)
    sums.set(account.currency, (sums.get(account.currency) ?? 0n) + amount);
  for (const [currency, sum] of sums)
    assert.equal(sum, 0n, `entries of ${intent.id} sum to zero in ${currency}`);
  if (intent.transfer) {
    assert(intent.entries.length >= 2, `transfer ${intent.id} has two entries or more`);
    assert.equal(
      intent.transfer.paid > 0n && intent.transfer.received > 0n && intent.transfer.fee >= 0n,
      true,
      'a transfer says what was paid, charged and received',
    );
  } else {
    assert.equal(intent.entries.length, 0, `entries of ${intent.id} belong to a transfer`);
  }
}

/** No two pairs have the same name: owners and keys may hold any character. */
function keyName({ owner, key }: { owner: string; key: string }): string {
  return `${owner.length} ${owner} ${key}`;
}
