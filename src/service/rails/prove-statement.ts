import { digitsOf, formatMoney, type Currency, type Money } from '../../core/money.ts';
import { toMinor, type ExactDecimal } from './exact-decimal.ts';
import { StatementError } from './statement-error.ts';
import type { StatementBalance, StatementEntry, StatementProof, StatementTotal } from './statement-events.ts';

/** One figure of the bank's summary: a number of entries, a sum, or credits less debits. */
export type SummaryFigure = {
  readonly line: number;
  readonly of: 'all' | 'credit' | 'debit' | 'net';
} & ({ readonly count: bigint } | { readonly sum: ExactDecimal; readonly isSignKnown: boolean });

/** Adds up the entries of one statement, exactly and in constant memory. */
export class StatementSums {
  readonly #totals = new Map<string, StatementTotal>();
  #entries = 0;
  #transactions = 0;
  #firstDay: string | undefined;
  #lastDay: string | undefined;

  get entries(): number {
    return this.#entries;
  }

  get transactions(): number {
    return this.#transactions;
  }

  get totals(): StatementTotal[] {
    return [...this.#totals.values()];
  }

  /** First and last booking day of the booked entries. */
  get days(): { readonly first: string | undefined; readonly last: string | undefined } {
    return { first: this.#firstDay, last: this.#lastDay };
  }

  add(entry: StatementEntry): void {
    this.#entries += 1;
    this.#transactions += entry.transactions.length;
    const { currency, minor } = entry.amount;
    const key = `${currency} ${entry.status}`;
    const zero: Money = { minor: 0n, currency };
    const total = this.#totals.get(key) ?? {
      status: entry.status,
      credits: 0,
      creditSum: zero,
      debits: 0,
      debitSum: zero,
    };
    this.#totals.set(
      key,
      entry.direction === 'credit'
        ? {
            ...total,
            credits: total.credits + 1,
            creditSum: { minor: total.creditSum.minor + minor, currency },
          }
        : { ...total, debits: total.debits + 1, debitSum: { minor: total.debitSum.minor + minor, currency } },
    );
    const day = entry.bookingDate;
    if (entry.status === 'BOOK' && day !== undefined) {
      if (this.#firstDay === undefined || day < this.#firstDay) this.#firstDay = day;
      if (this.#lastDay === undefined || day > this.#lastDay) this.#lastDay = day;
    }
  }
}

/**
 * Holds the figures a statement gives about itself against its entries.
 *
 * The summary (TxsSummry) counts entries and adds amounts up: it must agree with all entries, or with the booked ones where
 * a bank leaves the others out. Then opening balance (OPBD, or PRCD where there is none) and booked entries must make the
 * closing balance (CLBD). A statement that says otherwise is refused with both figures, at the line of the figure.
 *
 * A difference of the balances is not a lie, and is reported instead, in three cases the file itself shows: it is only
 * some pages of a statement; it has booked entries in another currency, which cannot be added; or it lists entries booked
 * outside the days between the two balances, so that the balances make no claim about them, and a summary with a number and
 * a sum that agree proves that none was lost or changed (some banks list late entries so; one valid sample in the corpus does).
 * Without both balances in one currency there is nothing to check, and the proof says so.
 */
export function proveStatement(
  sums: StatementSums,
  balances: readonly StatementBalance[],
  summary: readonly SummaryFigure[],
  isPartial: boolean,
): StatementProof {
  const isSummaryProven = !isPartial && summary.length > 0;
  if (isSummaryProven) proveSummary(sums, summary);
  const unchecked = { isChecked: false, isBalanced: undefined, difference: undefined, isSummaryProven };

  const { opening, closing } = openingAndClosing(balances);
  if (!closing) {
    return { ...unchecked, opening: undefined, closing: undefined, remark: 'There is no closing balance.' };
  }
  const { currency } = closing.amount;
  if (!opening) {
    const remark = `There is no opening balance in ${currency}.`;
    return { ...unchecked, opening: undefined, closing: closing.amount, remark };
  }

  const booked = sums.totals.filter(({ status }) => status === 'BOOK');
  const moved = booked
    .filter(({ creditSum }) => creditSum.currency === currency)
    .reduce((sum, { creditSum, debitSum }) => sum + creditSum.minor - debitSum.minor, 0n);
  const expected: Money = { minor: opening.amount.minor + moved, currency };
  const difference: Money = { minor: closing.amount.minor - expected.minor, currency };
  const proof = {
    isChecked: true,
    isBalanced: difference.minor === 0n,
    opening: opening.amount,
    closing: closing.amount,
    difference,
    isSummaryProven,
  };
  if (proof.isBalanced) return { ...proof, remark: undefined };

  const isVouched =
    isSummaryProven && summary.some((one) => 'count' in one) && summary.some((one) => 'sum' in one);
  const { first, last } = sums.days;
  const isOutside =
    (first !== undefined && first < opening.date) || (last !== undefined && last > closing.date);
  const remark = isPartial
    ? 'Only some pages of the statement are in this file.'
    : booked.some(({ creditSum }) => creditSum.currency !== currency)
      ? `Some entries are not in ${currency}.`
      : isOutside && isVouched
        ? 'Some entries were booked on days outside those of the balances.'
        : undefined;
  if (remark !== undefined) return { ...proof, remark };
  throw new StatementError(
    `The closing balance is ${formatMoney(closing.amount)}, but the opening balance of ${formatMoney(opening.amount)} ` +
      `and the booked entries make ${formatMoney(expected)}.`,
    closing.line,
  );
}

/** The balances that a statement is held against: the last CLBD, and what opened it in the same currency. */
export function openingAndClosing(balances: readonly StatementBalance[]): {
  readonly opening: StatementBalance | undefined;
  readonly closing: StatementBalance | undefined;
} {
  const closing = latest(balances.filter(({ kind }) => kind === 'CLBD'));
  return { opening: closing && openingOf(balances, closing.amount.currency), closing };
}

/** OPBD in that currency, or else PRCD, the closing balance of the statement before, which is the same money. */
function openingOf(balances: readonly StatementBalance[], currency: Currency): StatementBalance | undefined {
  for (const kind of ['OPBD', 'PRCD']) {
    const found = balances.filter((balance) => balance.kind === kind && balance.amount.currency === currency);
    // A statement of several days may have a balance for each: the earliest opens it.
    const earliest = found.reduce<StatementBalance | undefined>(
      (best, next) => (best === undefined || next.date < best.date ? next : best),
      undefined,
    );
    if (earliest) return earliest;
  }
  return undefined;
}

function latest(balances: readonly StatementBalance[]): StatementBalance | undefined {
  return balances.reduce<StatementBalance | undefined>(
    (best, next) => (best === undefined || next.date >= best.date ? next : best),
    undefined,
  );
}

function proveSummary(sums: StatementSums, summary: readonly SummaryFigure[]): void {
  const { totals } = sums;
  const lies = [totals, totals.filter(({ status }) => status === 'BOOK')].map((counted) =>
    summary.map((figure) => disagreement(figure, counted)).find((lie) => lie !== undefined),
  );
  const lie = lies.includes(undefined) ? undefined : lies[0];
  if (lie) throw lie;
}

/** The error when a figure of the summary is not what these entries make. Sums over several currencies say nothing. */
function disagreement(figure: SummaryFigure, totals: readonly StatementTotal[]): StatementError | undefined {
  const credits = totals.reduce((count, total) => count + total.credits, 0);
  const debits = totals.reduce((count, total) => count + total.debits, 0);
  if ('count' in figure) {
    const count = { all: credits + debits, credit: credits, debit: debits, net: credits + debits }[figure.of];
    if (figure.count === BigInt(count)) return undefined;
    return new StatementError(
      `The summary says that the number of ${ENTRIES[figure.of]} is ${figure.count}, but the statement has ${count}.`,
      figure.line,
    );
  }
  const currencies = new Set(totals.map(({ creditSum }) => creditSum.currency));
  if (currencies.size > 1) return undefined;
  const [currency] = currencies;
  const credit = totals.reduce((sum, { creditSum }) => sum + creditSum.minor, 0n);
  const debit = totals.reduce((sum, { debitSum }) => sum + debitSum.minor, 0n);
  const sum = { all: credit + debit, credit, debit, net: credit - debit }[figure.of];
  const said = toMinor(figure.sum, currency === undefined ? 0 : digitsOf(currency));
  if (said === sum || (said !== undefined && !figure.isSignKnown && absolute(said) === absolute(sum)))
    return undefined;
  return new StatementError(
    `The summary says that ${figure.of === 'net' ? 'credits less debits make' : `the sum of ${ENTRIES[figure.of]} is`} ` +
      `${decimalText(figure.sum)}, but the entries make ${currency === undefined ? '0' : formatMoney({ minor: sum, currency })}.`,
    figure.line,
  );
}

const ENTRIES: Readonly<Record<SummaryFigure['of'], string>> = {
  all: 'all entries',
  credit: 'credit entries',
  debit: 'debit entries',
  net: 'all entries',
};

function decimalText({ units, scale }: ExactDecimal): string {
  const digits = absolute(units)
    .toString()
    .padStart(scale + 1, '0');
  const whole = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
  return units < 0n ? `-${whole}` : whole;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}
