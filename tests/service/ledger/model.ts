import type { Currency } from '../../../src/core/money.ts';
import { formatMoney } from '../../../src/core/money.ts';
import type { Intent, Outcome } from '../../../src/service/ledger/intent.ts';

type Account = { currency: Currency; floor: bigint | null; balance: bigint; held: bigint; entries: number };
type Hold = { account: string; amount: bigint; state: string; endsAt: string | null };
type Known = { fingerprint: string; id: string; code: string | undefined };

/** What the model says an intent comes to; compared with the ledger's answer by `told`. */
export type Expected =
  | { state: 'done'; id: string; replayed: boolean }
  | { state: 'refused'; id: string; code: string; replayed: boolean; available?: string; hold?: string }
  | { state: 'mismatch' };

/**
 * The ledger as a person would keep it on paper: a sheet of balances, a list of holds, a list of keys, a list of
 * guards, one intent after the other. It shares nothing with src/service/ledger but the shape of intents.
 */
export class Model {
  readonly accounts = new Map<string, Account>();
  readonly holds = new Map<string, Hold>();
  readonly keys = new Map<string, Known>();
  readonly guards = new Map<string, bigint>();
  transfers = 0;

  take(intent: Intent, now: string): Expected {
    const name = JSON.stringify([intent.key.owner, intent.key.key]);
    const known = this.keys.get(name);
    if (known) {
      if (known.fingerprint !== intent.key.fingerprint) return { state: 'mismatch' };
      const { id, code } = known;
      return code === undefined
        ? { state: 'done', id, replayed: true }
        : { state: 'refused', id, code, replayed: true };
    }
    const refusal = this.#refusal(intent, now);
    if (!intent.dryRun) {
      this.keys.set(name, { fingerprint: intent.key.fingerprint, id: intent.id, code: refusal?.code });
      if (!refusal) this.#do(intent);
    }
    if (refusal) return { state: 'refused', id: intent.id, replayed: false, ...refusal };
    return { state: 'done', id: intent.id, replayed: false };
  }

  #refusal(intent: Intent, now: string): { code: string; available?: string; hold?: string } | undefined {
    if (intent.refuse) return { code: intent.refuse.code };
    if (intent.notAfter && Date.parse(now) > Date.parse(intent.notAfter.at))
      return { code: intent.notAfter.refusal.code };
    for (const guard of intent.guards ?? [])
      if ((this.guards.get(guard.name) ?? 0n) + guard.add > guard.most) return { code: guard.refusal.code };
    const free = new Map<string, bigint>();
    for (const { id, account, amount, as } of intent.resolveHolds ?? []) {
      const hold = this.holds.get(id);
      if (!hold || hold.account !== account.name) return { code: 'not_found' };
      if (hold.state !== 'pending') return { code: 'hold_resolved', hold: hold.state };
      if (as !== 'expired' && this.isTooLate(hold, now)) return { code: 'hold_resolved', hold: 'expired' };
      if (amount !== undefined && amount > hold.amount) return { code: 'hold_exceeded' };
      free.set(account.name, (free.get(account.name) ?? 0n) + hold.amount);
    }
    for (const { account, amount } of intent.entries)
      free.set(account.name, (free.get(account.name) ?? 0n) + amount);
    for (const { account, amount } of intent.makeHolds ?? [])
      free.set(account.name, (free.get(account.name) ?? 0n) - amount);
    for (const [name, change] of free) {
      const account = this.accounts.get(name);
      const available = account ? account.balance - account.held : 0n;
      if (name.startsWith('holder:') && change < 0n && available + change < 0n) {
        const currency = name.slice(-3) as Currency;
        return { code: 'insufficient_funds', available: formatMoney({ minor: available, currency }) };
      }
    }
    return undefined;
  }

  /** Whether a hold can only expire any more. */
  protected isTooLate({ endsAt }: Pick<Hold, 'endsAt'>, now: string): boolean {
    return endsAt !== null && Date.parse(endsAt) <= Date.parse(now);
  }

  #do(intent: Intent): void {
    if (intent.transfer) this.transfers += 1;
    for (const { account: draft, amount } of intent.entries) {
      const account = this.#account(draft);
      account.balance += amount;
      account.entries += 1;
    }
    for (const { id, account: draft, amount, expiresAt: endsAt } of intent.makeHolds ?? []) {
      this.#account(draft).held += amount;
      this.holds.set(id, { account: draft.name, amount, state: 'pending', endsAt });
    }
    for (const { id, account: draft, as } of intent.resolveHolds ?? []) {
      const hold = this.holds.get(id) as Hold;
      this.#account(draft).held -= hold.amount;
      hold.state = as;
    }
    for (const { name, add } of intent.guards ?? [])
      if (add !== 0n) this.guards.set(name, (this.guards.get(name) ?? 0n) + add);
  }

  #account(draft: { name: string; currency: Currency; floor: bigint | null }): Account {
    let account = this.accounts.get(draft.name);
    if (!account) {
      account = { currency: draft.currency, floor: draft.floor, balance: 0n, held: 0n, entries: 0 };
      this.accounts.set(draft.name, account);
    }
    return account;
  }
}

/** The ledger's answer in the model's words. */
export function told(outcome: Outcome): Expected {
  if (outcome.state === 'mismatch') return { state: 'mismatch' };
  const { state, id, replayed } = outcome;
  if (state === 'done') return { state, id, replayed };
  const { code, facts } = outcome.refusal;
  const available = replayed ? undefined : facts['available'];
  const hold = replayed || code !== 'hold_resolved' ? undefined : facts['state'];
  return {
    state,
    id,
    code,
    replayed,
    ...(available === undefined ? {} : { available }),
    ...(hold === undefined ? {} : { hold }),
  };
}
