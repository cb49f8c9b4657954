import type { Reader } from '../../store/engine/engine.ts';
import { entriesInOrder, type AuditedEntry } from '../../store/audit.ts';
import type { JournalAccount } from '../../store/journal.ts';
import { say, type Findings } from './findings.ts';

/** How many entries may wait for an earlier one before the account is read in its own order. */
const EARLY_LIMIT = 20_000;

/**
 * Follows an account's entries through their numbers 1, 2, 3, … while they come almost in that order. It says only
 * whether the chain holds; why not is for `explainChain`.
 */
export class Chain {
  readonly #early = new Map<bigint, AuditedEntry>();
  #seq = 0n;
  #balance = 0n;
  #broken = false;

  add(entry: AuditedEntry): void {
    if (this.#broken) return;
    if (entry.seq === this.#seq + 1n) {
      this.#link(entry);
      for (let next; (next = this.#early.get(this.#seq + 1n)); this.#link(next)) this.#early.delete(next.seq);
    } else {
      this.#broken = entry.seq <= this.#seq || this.#early.has(entry.seq) || this.#early.size >= EARLY_LIMIT;
      this.#early.set(entry.seq, entry);
    }
  }

  /** Whether the entries added are numbered without a gap and lead to this balance. */
  holds(account: JournalAccount): boolean {
    const whole = !this.#broken && this.#early.size === 0;
    return whole && this.#seq === account.entries && this.#balance === account.balance;
  }

  #link(entry: AuditedEntry): void {
    if (entry.before !== this.#balance || entry.before + entry.amount !== entry.after) this.#broken = true;
    this.#seq = entry.seq;
    this.#balance = entry.after;
  }
}

/** Reads one account's entries in their order and says what is wrong with them, if something is. */
export async function explainChain(db: Reader, account: JournalAccount, findings: Findings): Promise<void> {
  const { name, currency } = account;
  let [seq, balance, count] = [0n, 0n, 0n];
  for await (const entries of entriesInOrder(db, account.id)) {
    for (const entry of entries) {
      const which = `Entry ${entry.line} of transfer ${entry.transfer}`;
      if (entry.seq <= seq)
        findings.add(`${which} has number ${entry.seq} in ${name}, which another entry has too.`);
      else if (entry.seq > seq + 1n)
        findings.add(`${name} has no entry number ${seq + 1n}: after ${seq} comes ${entry.seq}.`);
      if (entry.before !== balance)
        findings.add(
          `${which} begins at ${say(entry.before, currency)}, but ${name} stood at ${say(balance, currency)}.`,
        );
      if (entry.before + entry.amount !== entry.after)
        findings.add(
          `${which} adds ${say(entry.amount, currency)} to ${say(entry.before, currency)} and says ${say(entry.after, currency)}.`,
        );
      [seq, balance, count] = [entry.seq, entry.after, count + 1n];
    }
  }
  if (count !== account.entries)
    findings.add(`${name} says that it has ${account.entries} entries and has ${count}.`);
  if (balance !== account.balance)
    findings.add(
      `${name} says that its balance is ${say(account.balance, currency)}; its entries say ${say(balance, currency)}.`,
    );
}
