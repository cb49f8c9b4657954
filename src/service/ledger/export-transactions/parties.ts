import type { Currency } from '../../../core/money.ts';
import type { Reader } from '../../store/engine/engine.ts';
import { accountsByIds } from '../../store/exported-transfers.ts';
import { systemName } from '../show-transfer.ts';

/** Whose account it is: a holder by id and name, or one of the system's by its ledger name and what people call it. */
export type Party = {
  readonly id: string;
  readonly name: string;
  readonly currency: Currency;
  readonly isHolder: boolean;
};

/** Accounts kept at once. A page names a few hundred. */
const MOST_KEPT = 50_000;

/** The parties of accounts, each read once as long as there is room: in most books a few accounts come again and again. */
export class Parties {
  readonly #db: Reader;
  readonly #known = new Map<bigint, Party>();

  constructor(db: Reader) {
    this.#db = db;
  }

  /** Has these accounts at hand until the next call. */
  async fetch(accounts: ReadonlySet<bigint>): Promise<void> {
    if (this.#known.size + accounts.size > MOST_KEPT) this.#known.clear();
    const missing = [...accounts].filter((account) => !this.#known.has(account));
    for (const { id, name, kind, owner, ownerName, currency } of await accountsByIds(this.#db, missing)) {
      const party =
        owner === null
          ? { id: name, name: systemName(kind), currency, isHolder: false }
          : { id: owner, name: ownerName ?? '', currency, isHolder: true };
      this.#known.set(id, party);
    }
  }

  /** Throws for an account that does not exist: see `okpay ledger verify`. */
  of(account: bigint): Party {
    const party = this.#known.get(account);
    if (party === undefined) throw new Error(`Account ${account} does not exist.`);
    return party;
  }
}
