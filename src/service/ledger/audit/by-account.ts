/**
 * Hands out rows that come in pages, account by account: accounts are asked for in the order of their ids. Rows of
 * accounts that are never asked for go to `stray`.
 */
export class ByAccount<R extends { account: bigint }> {
  readonly #pages: AsyncIterator<R[]>;
  readonly #stray: (row: R) => void;
  #page: readonly R[] = [];
  #at = 0;

  constructor(pages: AsyncIterator<R[]>, stray: (row: R) => void) {
    this.#pages = pages;
    this.#stray = stray;
  }

  /** The account's rows, in slices. */
  async *of(account: bigint): AsyncGenerator<readonly R[]> {
    for (;;) {
      for (let row = this.#row(); row && row.account < account; row = this.#row()) {
        this.#stray(row);
        this.#at += 1;
      }
      const from = this.#at;
      while (this.#row()?.account === account) this.#at += 1;
      if (this.#at > from) yield this.#page.slice(from, this.#at);
      if (this.#at < this.#page.length) return;
      const next = await this.#pages.next();
      if (next.done) return;
      this.#page = next.value;
      this.#at = 0;
    }
  }

  /** Sends what is left to `stray`. */
  async end(): Promise<void> {
    for await (const rows of this.of(2n ** 63n)) rows.forEach(this.#stray);
  }

  #row(): R | undefined {
    return this.#page[this.#at];
  }
}
