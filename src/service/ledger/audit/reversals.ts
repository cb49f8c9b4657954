import { transferById } from '../../store/transfers.ts';
import type { Reader } from '../../store/engine/engine.ts';
import { reversalGuard } from '../guards.ts';
import { say, type Findings } from './findings.ts';

/** How much of each payment was moved back, by the transfers that did it; compared with what the guards counted. */
export class Reversals {
  readonly #sums = new Map<string, bigint>();

  /** A transfer of the kind `reversal`, with its details as JSON. */
  add(details: string | null, received: bigint): void {
    const { reverses = '' } = JSON.parse(details ?? '{}') as { reverses?: string };
    this.#sums.set(reverses, (this.#sums.get(reverses) ?? 0n) + received);
  }

  /** Says what is wrong with a guard, when it is one of reversals. Each is asked about once. */
  async check(
    db: Reader,
    { name, value }: { readonly name: string; readonly value: bigint },
    findings: Findings,
  ): Promise<void> {
    const prefix = reversalGuard('');
    if (!name.startsWith(prefix)) return;
    const id = name.slice(prefix.length);
    const sum = this.#sums.get(id) ?? 0n;
    this.#sums.delete(id);
    const original = await transferById(db, id);
    const currency = original?.toCurrency ?? null;
    if (value !== sum)
      findings.add(
        `Guard ${name} says that ${say(value, currency)} was moved back; the reversals say ${say(sum, currency)}.`,
      );
    if (!original) findings.add(`Guard ${name} is of transfer ${id}, which does not exist.`);
    else if (sum > original.received)
      findings.add(
        `Of transfer ${id}, ${say(sum, currency)} was moved back, and only ${say(original.received, currency)} was received.`,
      );
  }

  /** Says which reversals no guard counted. */
  end(findings: Findings): void {
    for (const id of this.#sums.keys())
      findings.add(`Transfer ${id} was reversed, but no guard counted that.`);
  }
}
