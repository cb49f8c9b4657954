import type { Currency } from '../../core/money.ts';
import { clearingAccount } from '../ledger/accounts.ts';
import { bookedGuard } from '../ledger/guards.ts';
import { balanceByName, guardsUnder } from '../ledger/read.ts';
import type { Reader } from '../store/engine/engine.ts';
import { statementsOf, type ChainedStatement } from '../store/statements.ts';
import { chainOf, type Link } from './chain.ts';

/**
 * Why the bank's closing balance is not what our book has on its mirror. `opening`: what was there before the first
 * statement; `gap`: money of days that no statement told of; `wrong-sum`: the statement's own figures do not add up, as it
 * explains; `not-booked`: an import that was cut off; `later`: booked on days after the last closing balance;
 * `unexplained`: nothing says why.
 */
export type DifferenceKind = 'opening' | 'gap' | 'wrong-sum' | 'not-booked' | 'later' | 'unexplained';

/** One part of the difference, in minor units: positive where the bank has more than our book. */
export type Difference = {
  readonly kind: DifferenceKind;
  readonly minor: bigint;
  readonly day: string;
  /** The statement it comes with. */
  readonly statement?: ChainedStatement | undefined;
};

/** How the bank and our book stand, in minor units of the currency. The differences sum to `bank` less `ours`. */
export type Reconciliation = {
  readonly account: string;
  readonly currency: Currency;
  readonly chain: readonly Link[];
  readonly bank: bigint;
  readonly ours: bigint;
  readonly differences: readonly Difference[];
};

/** What a difference may be without anybody having to do something about it. */
const HARMLESS: ReadonlySet<DifferenceKind> = new Set(['opening', 'later']);

/** Whether every difference is one that is as it should be. */
export function isReconciled({ differences }: Reconciliation): boolean {
  return differences.every(({ kind }) => HARMLESS.has(kind));
}

/**
 * Holds the statements of one bank account against its mirror in our book, day by day: what opens a statement against what
 * closed the one before, and what the bank says that each day moved against what was booked of it. Undefined where no
 * statement says its closing balance. `db` may be a snapshot.
 */
export async function reconcileAccount(
  db: Reader,
  account: string,
  currency: Currency,
): Promise<Reconciliation | undefined> {
  const prefix = bookedGuard(account, currency, '');
  const mirror = await balanceByName(db, clearingAccount(account, currency).name);
  const booked = new BookedDays(
    (await guardsUnder(db, prefix, 10)).map(({ name, value }) => [name.slice(prefix.length), value]),
  );
  const chain = chainOf(await statementsOf(db, account, currency));
  const ours = -(mirror?.balance ?? 0n);
  const last = chain.at(-1)?.statement;
  if (last?.closing === undefined || last.closing === null) return undefined;
  return { account, currency, chain, bank: last.closing, ours, differences: explain(chain, booked, ours) };
}

/** What was booked by booking day. */
class BookedDays {
  readonly #days: string[] = [];
  readonly #sums: bigint[] = [0n];

  /** Days in their order, with what was booked of each. */
  constructor(days: readonly (readonly [string, bigint])[]) {
    for (const [day, minor] of days) {
      this.#days.push(day);
      this.#sums.push((this.#sums.at(-1) ?? 0n) + minor);
    }
  }

  get all(): bigint {
    return this.#sums.at(-1) ?? 0n;
  }

  upTo(day: string): bigint {
    return this.#sums[this.#count((each) => each <= day)] ?? 0n;
  }

  before(day: string): bigint {
    return this.#sums[this.#count((each) => each < day)] ?? 0n;
  }

  /** How many days at the front are `early`. */
  #count(early: (day: string) => boolean): number {
    let [from, to] = [0, this.#days.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      if (early(this.#days[middle] ?? '')) from = middle + 1;
      else to = middle;
    }
    return from;
  }
}

/**
 * The parts add up whatever the statements say: each is the difference as it stands at one point of the chain less what it
 * was at the point before. Statements that close on the same day are one point, as our book knows days only.
 */
function explain(chain: readonly Link[], booked: BookedDays, ours: bigint): Difference[] {
  const parts: Difference[] = [];
  const [first] = chain;
  if (!first) return parts;
  const { statement } = first;
  const [firstDay, firstLast] = [statement.firstDay ?? '', statement.lastDay ?? ''];
  // What was booked before days were counted is in our balance and in no day.
  const start = statement.opening ?? (statement.closing ?? 0n) - statement.moved;
  const isLate = firstDay > firstLast ? firstLast : firstDay;
  parts.push({
    kind: 'opening',
    minor: start - (ours - booked.all + booked.before(isLate)),
    day: isLate,
    statement,
  });
  let [stands, told] = [start, booked.before(isLate)];
  for (const links of Map.groupBy(chain, (link) => link.statement.lastDay ?? '').values()) {
    const last = links.at(-1)?.statement;
    const day = last?.lastDay ?? '';
    const upTo = booked.upTo(day);
    let change = (last?.closing ?? 0n) - stands - (upTo - told);
    for (const { statement: one, before, gap } of links) {
      if (gap === 0n) continue;
      const from = one.firstDay ?? '';
      const between =
        before && from > (before.lastDay ?? '')
          ? booked.before(from) - booked.upTo(before.lastDay ?? '')
          : 0n;
      parts.push({ kind: 'gap', minor: gap - between, day: from, statement: one });
      change -= gap - between;
    }
    const cut = links.find(({ statement: one }) => one.finishedAt === null);
    const wrong = links.find((link) => link.wrong !== 0n);
    // It looks as if it listed days again, by its balance; by the bank's numbers there is one that nobody has.
    const untold = links.find((link) => link.overlaps && link.missingNumbers > 0n);
    parts.push({
      kind: cut ? 'not-booked' : wrong ? 'wrong-sum' : untold ? 'gap' : 'unexplained',
      minor: change,
      day,
      statement: (cut ?? wrong ?? untold ?? links.at(-1))?.statement,
    });
    [stands, told] = [last?.closing ?? 0n, upTo];
  }
  parts.push({ kind: 'later', minor: told - booked.all, day: '' });
  return parts.filter(({ minor }) => minor !== 0n);
}
