import { LIMITS } from '../../../core/contract/schemas.ts';
import { formatMoney, isCurrency } from '../../../core/money.ts';

/** What an audit found wrong: whole sentences, each naming its row. */
export class Findings {
  readonly #listed: string[] = [];
  #count = 0;

  add(sentence: string): void {
    this.#count += 1;
    if (this.#listed.length < LIMITS.findings) this.#listed.push(sentence);
  }

  get count(): number {
    return this.#count;
  }

  list(): string[] {
    const more = this.#count - this.#listed.length;
    return more === 0 ? [...this.#listed] : [...this.#listed, `There are ${more} more findings like these.`];
  }
}

/** An amount for a sentence. The currency comes from a row that may be damaged. */
export function say(minor: bigint, currency: string | null): string {
  if (currency !== null && isCurrency(currency)) return formatMoney({ minor, currency });
  return `${minor} minor units of an unknown currency`;
}
