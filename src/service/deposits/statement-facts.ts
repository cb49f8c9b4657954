import { createHash, type Hash } from 'node:crypto';
import { formatMinor, isCurrency } from '../../core/money.ts';
import { openingAndClosing } from '../rails/prove-statement.ts';
import type { StatementEnd, StatementEntry, StatementHeader } from '../rails/statement-events.ts';
import type { StatementRow } from '../store/statements.ts';

/** What is written down of a statement beside who imported it. */
export type StatementFacts = Omit<StatementRow, 'id' | 'importedAt' | 'importedBy'>;

/** A bank account as our book names it: banks write one with blanks here and without them there. */
export function bankAccountOf({ account }: Pick<StatementHeader, 'account'>): string {
  return account.id.replace(/\s/g, '').toUpperCase();
}

/** Collects what a statement says of itself while its events come by, in constant memory. */
export class FactsReader {
  readonly #header: StatementHeader;
  readonly #digest: Hash = createHash('sha256');
  #earliest: string | undefined;

  constructor(header: StatementHeader) {
    this.#header = header;
  }

  add({ identity, status, bookingDate }: StatementEntry): void {
    this.#digest.update(`${identity}\n`);
    if (status === 'BOOK' && bookingDate !== undefined && bookingDate < (this.#earliest ?? '~'))
      this.#earliest = bookingDate;
  }

  /** To be asked once, with the end of the statement. */
  end(end: StatementEnd): StatementFacts {
    const header = this.#header;
    const { opening, closing } = openingAndClosing(end.balances);
    const currency = closing?.amount.currency ?? header.currency ?? end.balances[0]?.amount.currency ?? '';
    const moved = end.totals
      .filter(({ status, creditSum }) => status === 'BOOK' && creditSum.currency === currency)
      .reduce((sum, { creditSum, debitSum }) => sum + creditSum.minor - debitSum.minor, 0n);
    const lastDay = closing?.date ?? null;
    return {
      account: bankAccountOf(header),
      bankId: header.id,
      currency,
      firstDay: lastDay === null ? null : firstDayOf(header, opening, [lastDay, this.#earliest ?? lastDay]),
      lastDay,
      sequence: header.electronicSequenceNumber ?? header.legalSequenceNumber ?? null,
      opening: opening?.amount.minor ?? null,
      closing: closing?.amount.minor ?? null,
      moved,
      digest: this.#digest.digest('base64url'),
    };
  }
}

/** Amounts of a statement as text; undefined where it says none. */
export function balanceText(minor: bigint | null, currency: string): string | undefined {
  return minor === null || !isCurrency(currency) ? undefined : formatMinor(minor, currency);
}

/**
 * The first day it tells of: of its period where it says one, else by its opening balance; or earlier, where it lists an
 * entry of an earlier day. Never after its last day.
 */
function firstDayOf(
  { from }: StatementHeader,
  opening: ReturnType<typeof openingAndClosing>['opening'],
  others: readonly string[],
): string {
  const said =
    from?.slice(0, 10) ?? (opening && (opening.kind === 'PRCD' ? dayAfter(opening.date) : opening.date));
  return [...others, ...(said === undefined ? [] : [said])].reduce((one, other) =>
    other < one ? other : one,
  );
}

function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}
