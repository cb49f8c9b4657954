import { digitsOf, formatMinor, type Currency } from '../../../core/money.ts';
import type { JournalAccount, JournalEntry } from '../../store/journal.ts';
import { journalName } from './account-names.ts';
import type { DatedTransfer } from './dates.ts';

/**
 * How a book is written in one format: a head, a declaration for each account, transfers a page at a time, and at the
 * end what each account must come to.
 */
export type JournalFormat = {
  readonly head: string;
  /** `currency` is set with the first account in it; `day` is on or before the account's first transfer. */
  readonly account?: (account: JournalAccount, day: string, currency: Currency | undefined) => string;
  /** Whether days may not go back from one transfer to the next. */
  readonly byDay: boolean;
  readonly transfers: (page: readonly DatedTransfer[]) => string;
  /** `lastDay` is the day of the last transfer. */
  readonly closing?: {
    readonly head: (lastDay: string) => string;
    readonly account: (account: JournalAccount, lastDay: string) => string;
  };
};

/**
 * An amount as journals have it: our balances grow with what we owe to their holders, so what is positive with us is a
 * credit; in a journal a credit is negative. One rule for all accounts: holders, fees and suspense (liabilities and
 * income) turn negative, the bank (an asset, negative with us) turns positive.
 */
export function journalAmount(minor: bigint, currency: Currency): string {
  return formatMinor(-minor, currency);
}

/** `12.50 EUR`, by the same rule. */
export function journalMoney(minor: bigint, currency: Currency): string {
  return `${journalAmount(minor, currency)} ${currency}`;
}

function plainMoney(minor: bigint, currency: Currency): string {
  return `${formatMinor(minor, currency)} ${currency}`;
}

/** `1000.00 EUR`: how amounts of a currency look. */
export function sampleAmount(currency: Currency): string {
  const digits = digitsOf(currency);
  return `1000.${'0'.repeat(digits)} ${currency}`;
}

/** The account of an entry by its journal name. Throws when the account does not exist: see `okpay ledger verify`. */
export function accountOfEntry(entry: JournalEntry): { name: string; currency: Currency } {
  const { accountName: name, accountKind: kind, accountOwner: owner, currency } = entry;
  if (name === null || kind === null || currency === null)
    throw new Error(
      `Entry ${entry.line} of ${entry.transfer} is in account ${entry.account}, which does not exist.`,
    );
  return { name: journalName({ name, kind, owner, currency }), currency };
}

/** Who paid whom, for people: holders by their names, the rest by what they are called in the journal. */
export function partiesOf(transfer: DatedTransfer): { from: string; to: string } {
  const { fromName, fromOwnerName, toName, toOwnerName } = transfer;
  return { from: fromOwnerName ?? fromName, to: toOwnerName ?? toName };
}

/** What is told of a transfer beside its entries: names (letters, digits, hyphens) and other people's texts. */
export function factsOf(t: DatedTransfer): [name: string, text: string][] {
  const details = t.details === null ? {} : (JSON.parse(t.details) as Record<string, string>);
  const told = Object.entries(details).filter(([name]) => /^[a-z][A-Za-z0-9-]+$/.test(name));
  const facts = { ...Object.fromEntries(told), kind: t.kind, initiator: t.initiator, quote: t.quote };
  return Object.entries(facts).flatMap(([name, text]) => (text === null ? [] : [[name, text]]));
}

/** What the transfer says was paid, charged and received, as it says it. */
export function amountsOf(t: DatedTransfer): [name: string, money: string][] {
  return [
    ['paid', plainMoney(t.paid, t.fromCurrency)],
    ['fee', plainMoney(t.fee, t.fromCurrency)],
    ['received', plainMoney(t.received, t.toCurrency)],
  ];
}
