import { digitsOf, type Currency } from '../../core/money.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { Parties, type Party } from '../ledger/export-transactions/parties.ts';
import { chainBetween, edgeBefore, type ChainedEntry, type Edge } from '../ledger/account-chain.ts';
import { balancesOf } from '../ledger/read.ts';
import type { Reader } from '../store/engine/engine.ts';
import { kindName } from './kinds.ts';
import type { Issuer } from './issuer.ts';

/** Entries in one direction: how many, and what they sum to in minor units. */
type Side = { readonly count: number; readonly sum: bigint };

/** One entry of a statement: what it did to the account, by which transfer, and who was on the other side. */
export type StatementLine = ChainedEntry & { readonly other: Party; readonly what: string };

/** One account in a month, in minor units. The opening balance and all the entries make the closing one. */
export type AccountMonth = {
  readonly currency: Currency;
  readonly opening: bigint;
  readonly closing: bigint;
  readonly credits: Side;
  readonly debits: Side;
  /** The entries in the order of the account, read as they are asked for. */
  readonly lines: () => AsyncGenerator<StatementLine[]>;
};

/** A holder's month. `from` and `to` are its first and last day; `isOver` when nothing more can come. */
export type Statement = {
  readonly issuer: Issuer;
  readonly holder: { readonly id: string; readonly name: string };
  readonly month: string;
  readonly from: string;
  readonly to: string;
  readonly isOver: boolean;
  readonly accounts: readonly AccountMonth[];
};

export type StatementOf = Pick<Statement, 'issuer' | 'holder' | 'month'> & {
  readonly currency?: Currency | undefined;
};

/** The month of a day, by name; this one when none is given. Throws `input_invalid` for one that has not begun. */
export function monthOf(month: string | undefined, now: string): string {
  const current = now.slice(0, 7);
  if (month !== undefined && month > current)
    throw new Refusal('input_invalid', { field: 'month', reason: `has not begun: this one is ${current}` });
  return month ?? current;
}

/**
 * A month of a holder's accounts: all that were there by its end, or the one in a currency. Every entry is read once for the
 * sums, before anything is written, and again as they are written. `db` must be a snapshot. Throws where the entries of an
 * account are no chain from one balance to the other.
 */
export async function readStatement(db: Reader, about: StatementOf): Promise<Statement> {
  const { issuer, holder, month } = about;
  const [year = 0, number = 1] = month.split('-').map(Number);
  const [beginMs, endMs] = [utc(year, number - 1), utc(year, number)];
  const isOver = endMs <= Date.parse(issuer.at);
  const accounts: AccountMonth[] = [];
  for (const { id, currency } of await balancesOf(db, holder.id)) {
    if (about.currency !== undefined && about.currency !== currency) continue;
    const [first, last] = [await edgeBefore(db, id, beginMs), await edgeBefore(db, id, endMs)];
    if (last.seq > 0n)
      accounts.push(await accountMonth(db, { id, currency, holder: holder.id }, first, last));
  }
  if (about.currency !== undefined && accounts.length === 0) accounts.push(emptyMonth(about.currency));
  const to = isOver ? new Date(endMs - 1).toISOString().slice(0, 10) : issuer.at.slice(0, 10);
  return { issuer, holder, month, from: `${month}-01`, to, isOver, accounts };
}

/** The first instant of a month of a year, in Unix milliseconds; years below 100 are those years. */
function utc(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return date.getTime();
}

async function accountMonth(
  db: Reader,
  account: { readonly id: bigint; readonly currency: Currency; readonly holder: string },
  first: Edge,
  last: Edge,
): Promise<AccountMonth> {
  const [credits, debits] = [
    { count: 0, sum: 0n },
    { count: 0, sum: 0n },
  ];
  for await (const page of chainBetween(db, account.id, first, last))
    for (const { amount } of page) {
      const side = amount < 0n ? debits : credits;
      side.count += 1;
      side.sum += amount < 0n ? -amount : amount;
    }
  return {
    currency: account.currency,
    opening: first.after,
    closing: last.after,
    credits,
    debits,
    lines: () => linesOf(db, account, first, last),
  };
}

async function* linesOf(
  db: Reader,
  { id, holder }: { readonly id: bigint; readonly holder: string },
  first: Edge,
  last: Edge,
): AsyncGenerator<StatementLine[]> {
  const parties = new Parties(db);
  for await (const page of chainBetween(db, id, first, last)) {
    await parties.fetch(new Set(page.flatMap(({ fromAccount, toAccount }) => [fromAccount, toAccount])));
    yield page.map((entry) => {
      const other = parties.of(entry.fromAccount === id ? entry.toAccount : entry.fromAccount);
      // To oneself is into another currency.
      const whom = other.id === holder ? other.currency : other.name;
      return {
        ...entry,
        other,
        what: `${kindName(entry.kind)} ${entry.amount < 0n ? 'to' : 'from'} ${whom}`,
      };
    });
  }
}

function emptyMonth(currency: Currency): AccountMonth {
  const none = { count: 0, sum: 0n };
  const lines = async function* (): AsyncGenerator<StatementLine[]> {
    // Nothing ever moved in it.
  };
  return { currency, opening: 0n, closing: 0n, credits: none, debits: none, lines };
}

/** An amount as people read it, in groups of three: `-1,234.50`. */
export function groupedAmount(minor: bigint, currency: Currency): string {
  const digits = digitsOf(currency);
  const size = minor < 0n ? -minor : minor;
  const unit = 10n ** BigInt(digits);
  const part = digits === 0 ? '' : `.${(size % unit).toString().padStart(digits, '0')}`;
  return `${minor < 0n ? '-' : ''}${(size / unit).toLocaleString('en-US')}${part}`;
}
