import type { Output } from '../../core/contract/operations.ts';
import { formatMoney, type Currency } from '../../core/money.ts';
import type { ChainedStatement } from '../store/statements.ts';
import { isAfter, replacedBy, sameAs, type Link } from './chain.ts';
import type { Reconciliation } from './reconcile.ts';

/** Something about a statement that whoever imports it should know. Nothing of it keeps it from being booked. */
export type Finding = Output<'import-statement'>['statements'][number]['findings'][number];

/** What is to be said of a statement among all of its account, once it is booked. */
export function findingsOf(
  statement: ChainedStatement,
  all: readonly ChainedStatement[],
  reconciliation: Reconciliation | undefined,
): Finding[] {
  const earlier = all.filter(({ id }) => id < statement.id);
  const findings: Finding[] = [];
  const say = (kind: Finding['kind'], text: string) => void findings.push({ kind, text });
  const same = sameAs(statement, earlier);
  if (same) {
    say('duplicate', `It came before, at ${same.importedAt}, as ${same.id}: it brings nothing new.`);
    return findings;
  }
  const replaced = replacedBy(statement, earlier);
  if (replaced)
    say(
      'changed',
      `The bank gave ${replaced.id} the same name and day, with other figures. The newer one counts.`,
    );
  const later = earlier.find((other) => isAfter(other, statement));
  if (later) say('out-of-order', `${later.id}, which closes on ${later.lastDay}, was imported before it.`);
  if (!reconciliation) return findings;
  const { chain, currency, differences } = reconciliation;
  for (const link of chain) {
    if (link.statement.id === statement.id) findings.push(...aboutLink(link, currency));
    // What a statement that comes late leaves open before the one after it.
    else if (link.before?.id === statement.id && later) findings.push(...aboutLink(link, currency));
  }
  for (const { kind, minor, day } of differences) {
    if (kind !== 'unexplained' || day !== statement.lastDay) continue;
    const amount = formatMoney({ minor: absolute(minor), currency });
    say(
      'differs',
      minor > 0n
        ? `The bank's entries up to ${day} come to ${amount} more than was booked of them.`
        : `What was booked of the days up to ${day} is ${amount} more than the bank's entries.`,
    );
  }
  return findings;
}

function aboutLink(
  { statement, before, gap, overlaps, missingNumbers, wrong }: Link,
  currency: Currency,
): Finding[] {
  const findings: Finding[] = [];
  const say = (kind: Finding['kind'], text: string) => void findings.push({ kind, text });
  const money = (minor: bigint | null) => formatMoney({ minor: minor ?? 0n, currency });
  if (gap !== 0n)
    say(
      'gap',
      `It opens with ${money(statement.opening)}, and the one before (${before?.id}) closed on ${before?.lastDay} with ${money(before?.closing ?? 0n)}: ${money(gap)} moved in between.`,
    );
  if (overlaps) say('overlap', `It lists days again that ${before?.id} listed: each entry is booked once.`);
  if (missingNumbers > 0n)
    say(
      'gap',
      `Statements are missing before it: the bank's number went from ${before?.sequence} to ${statement.sequence}.`,
    );
  const silent =
    before && gap === 0n && missingNumbers === 0n && statement.sequence === null
      ? silentDays(before.lastDay ?? '', statement.firstDay ?? '')
      : [];
  if (silent.length > 0)
    say(
      'silent-days',
      `No statement tells of ${silent.length === 1 ? silent[0] : `${silent[0]} to ${silent.at(-1)}`}; the balance is the same before and after.`,
    );
  if (wrong !== 0n)
    say(
      'wrong-sum',
      `Its closing balance is ${money(wrong)} off from its opening balance and its booked entries.`,
    );
  return findings;
}

/** The days from Monday to Friday between two days. */
function silentDays(after: string, until: string): string[] {
  const days: string[] = [];
  const DAY = 86_400_000;
  for (let at = Date.parse(after) + DAY; at < Date.parse(until) && days.length < 366; at += DAY) {
    const date = new Date(at);
    if (date.getUTCDay() % 6 !== 0) days.push(date.toISOString().slice(0, 10));
  }
  return days;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
