import { LIMITS } from '../../../core/contract/schemas.ts';
import { guardedRestrictionPages, unwatchedAccounts } from '../../store/audit.ts';
import type { Reader } from '../../store/engine/engine.ts';
import { freezeGuard, restrictionGuard } from '../guards.ts';
import type { Findings } from './findings.ts';

/** What the guards of restrictions may be by the rows: one number, but while a row is on its way into them or out. */
type Bounds = { least: bigint; most: bigint };

/** Compares the guards that keep accounts from paying with the restrictions they count. */
export class Restrictions {
  readonly #bounds = new Map<string, Bounds>();

  /** Reads the restrictions that are counted, or about to be. */
  async read(db: Reader): Promise<void> {
    for await (const page of guardedRestrictionPages(db))
      for (const { userId, capability, inFlight, counts } of page) {
        this.#count(restrictionGuard(userId, capability), counts === 1n);
        if (inFlight !== 'finish') this.#count(freezeGuard(userId, capability), counts === 1n);
      }
  }

  /** Says which accounts pay without being asked whether they may. */
  async checkAccounts(db: Reader, findings: Findings): Promise<void> {
    for (const { name } of await unwatchedAccounts(db, LIMITS.findings))
      findings.add(`${name} is not watched although its owner is restricted.`);
  }

  /** Says what is wrong with a guard, when it is one of restrictions. Each is asked about once. */
  check({ name, value }: { readonly name: string; readonly value: bigint }, findings: Findings): void {
    if (!name.startsWith('restricted:') && !name.startsWith('frozen:')) return;
    const { least, most } = this.#bounds.get(name) ?? { least: 0n, most: 0n };
    this.#bounds.delete(name);
    if (value < least || value > most)
      findings.add(
        `Guard ${name} is ${value}; the restrictions say ${least === most ? least : `${least} to ${most}`}.`,
      );
  }

  /** Says which restrictions no guard counts. */
  end(findings: Findings): void {
    for (const [name, { least }] of this.#bounds)
      if (least > 0n) findings.add(`Guard ${name} does not exist; the restrictions say ${least}.`);
  }

  #count(name: string, isCounted: boolean): void {
    const bounds = this.#bounds.get(name) ?? { least: 0n, most: 0n };
    this.#bounds.set(name, {
      least: bounds.least + (isCounted ? 1n : 0n),
      most: bounds.most + 1n,
    });
  }
}
