import type { ChainedStatement } from '../store/statements.ts';

/** One statement in its place, with what stands between it and the one before. Amounts in minor units. */
export type Link = {
  readonly statement: ChainedStatement;
  readonly before: ChainedStatement | undefined;
  /** Its opening balance less the closing balance of the one before, where that is money of days nobody told of. */
  readonly gap: bigint;
  /** It lists days again that a statement before listed. */
  readonly overlaps: boolean;
  /** How many of the bank's numbers are missing before it. */
  readonly missingNumbers: bigint;
  /** Its closing balance less its opening balance and its booked entries. */
  readonly wrong: bigint;
};

/**
 * Puts the statements of one account into the order in which the bank made them, whatever order they were imported in: by
 * the day they close, by the bank's number, and by whether one opens with what another closed with. Of one that came
 * several times the first counts, and of one that came again with other figures the newest.
 */
export function chainOf(statements: readonly ChainedStatement[]): Link[] {
  const chain: Link[] = [];
  const known = new Set<bigint>();
  for (const statement of inOrder(distinct(statements))) {
    const before = chain.at(-1)?.statement;
    chain.push(linkOf(statement, before, known));
    for (const balance of [statement.opening, statement.closing]) if (balance !== null) known.add(balance);
  }
  return chain;
}

/** The one among `others` with the same days, balances and entries. */
export function sameAs(
  statement: ChainedStatement,
  others: readonly ChainedStatement[],
): ChainedStatement | undefined {
  return others.find((other) => contentOf(other) === contentOf(statement));
}

/** The one among `others` that has the bank's name of this one, and says something else. */
export function replacedBy(
  statement: ChainedStatement,
  others: readonly ChainedStatement[],
): ChainedStatement | undefined {
  return others.find(
    (other) => nameOf(other) === nameOf(statement) && contentOf(other) !== contentOf(statement),
  );
}

/** Whether a statement was made after another one: it closes later, or on the same day with a higher number. */
export function isAfter(one: ChainedStatement, other: ChainedStatement): boolean {
  const [day, otherDay] = [one.lastDay ?? '', other.lastDay ?? ''];
  if (day !== otherDay) return day > otherDay;
  return one.sequence !== null && other.sequence !== null && one.sequence > other.sequence;
}

function distinct(statements: readonly ChainedStatement[]): ChainedStatement[] {
  const byContent = new Map<string, ChainedStatement>();
  for (const statement of statements) {
    const same = byContent.get(contentOf(statement));
    // Whoever finished it, it is booked.
    byContent.set(
      contentOf(statement),
      same ? { ...same, finishedAt: same.finishedAt ?? statement.finishedAt } : statement,
    );
  }
  const byName = new Map<string, ChainedStatement>();
  for (const statement of byContent.values()) {
    const namesake = byName.get(nameOf(statement));
    if (!namesake || statement.id > namesake.id) byName.set(nameOf(statement), statement);
  }
  return [...byName.values()];
}

function contentOf(s: ChainedStatement): string {
  return [s.firstDay, s.lastDay, s.opening, s.closing, s.digest].join(' ');
}

function nameOf(s: ChainedStatement): string {
  return [s.lastDay, s.sequence, s.bankId].join(' ');
}

function inOrder(statements: readonly ChainedStatement[]): ChainedStatement[] {
  const ordered: ChainedStatement[] = [];
  for (const [, sameDay] of [...Map.groupBy(statements, ({ lastDay }) => lastDay ?? '')].sort(
    ([one], [other]) => (one < other ? -1 : 1),
  )) {
    const left = sameDay.toSorted(byNumber);
    while (left.length > 0) {
      const closing = ordered.at(-1)?.closing ?? null;
      const isNumbered = left.every(({ sequence }) => sequence !== null);
      const fitting = isNumbered
        ? -1
        : left.findIndex(({ opening }) => opening !== null && opening === closing);
      ordered.push(...left.splice(Math.max(0, fitting), 1));
    }
  }
  return ordered;
}

function byNumber(one: ChainedStatement, other: ChainedStatement): number {
  const [left, right] = [one.sequence ?? 0n, other.sequence ?? 0n];
  return left === right ? (one.id < other.id ? -1 : 1) : left < right ? -1 : 1;
}

function linkOf(
  statement: ChainedStatement,
  before: ChainedStatement | undefined,
  known: ReadonlySet<bigint>,
): Link {
  const { opening, closing, moved, sequence } = statement;
  const wrong = opening === null || closing === null ? 0n : closing - opening - moved;
  const numbers = sequence === null ? 0n : sequence - (before?.sequence ?? sequence - 1n) - 1n;
  const link = { statement, before, wrong, missingNumbers: numbers > 0n ? numbers : 0n };
  const apart = opening === null || !before || before.closing === null ? 0n : opening - before.closing;
  const overlaps = apart !== 0n && before !== undefined && beginsInside(statement, before, known);
  return { ...link, overlaps, gap: overlaps ? 0n : apart };
}

/**
 * Days alone do not tell: some banks date the opening balance by the day before. So a statement lists days again only when
 * its balance is not the one that the last statement left, and is one from before it, or from the middle of it.
 */
function beginsInside(
  { firstDay, opening }: ChainedStatement,
  before: ChainedStatement,
  known: ReadonlySet<bigint>,
): boolean {
  const day = firstDay ?? '';
  if (day > (before.lastDay ?? '')) return false;
  return (opening !== null && known.has(opening)) || day > (before.firstDay ?? '');
}
