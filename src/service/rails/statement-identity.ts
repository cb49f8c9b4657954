import { hash } from 'node:crypto';
import type { StatementAccount, StatementEntry } from './statement-events.ts';

/** References with which banks say that there is none. */
const NO_REFERENCE = /^(?:NON ?REF(?:ERENCE)?|NO ?REF(?:ERENCE)?|NOT ?PROVIDED|NONE|UNKNOWN|N\/?A|0+|-+)$/i;

/** Gives each entry of one statement its identity. One statement, one counter. */
export type IdentityCounter = Map<string, number>;

/**
 * What makes an entry this entry and no other, as a short text that is the same in every statement that lists it: for a
 * UNIQUE constraint, so that no statement sent twice and no overlapping statement is booked twice.
 *
 * Always part of it: the account, the booking day, the amount with its currency, credit or debit, the reversal mark and
 * the status. Then the bank's own reference (AcctSvcrRef of the entry, or of every transaction in it) when it gives one, and
 * otherwise the references, the other account, and the remittance of the transactions. Last, a number among the entries of
 * the statement that are alike in all of that.
 *
 * Why so:
 * - AcctSvcrRef should name one entry for ever, but banks give one to a payment and to its fee, to all parts of a batch, and
 *   to a payment and its reversal; standing orders keep theirs each month. Amount, direction, reversal and day tell them
 *   apart, and none of them changes when a day is listed again.
 * - A reversal has the reference and the amount of what it reverses: direction and reversal mark tell them apart.
 * - The status is part of it, so a pending entry and its later booking are two identities. Were they one, whoever stored
 *   the pending one would take its booking for a repetition, and the money would never arrive. Only `BOOK` moves money, so
 *   nothing is booked twice by keeping them apart; and a statement that lists both forms keeps the count of each.
 * - NtryRef, index, line, statement id and names are left out: they number or describe the entry within one statement, and
 *   change when a day is listed again. With a reference the remittance is left out too, because banks shorten it.
 * - Two entries really alike (two coffees at one price) are numbered in the order of the statement. Statements list whole
 *   booking days, so every listing of that day counts the same; where a bank cut a day in two, the second of two alike
 *   entries would look like the first again. That errs to booking too little, which the balance check shows, and never
 *   to crediting twice.
 * - The version of the format and the way the account is named (IBAN or other) are left out: changing the format must not
 *   book a day again.
 */
export function entryIdentity(
  account: StatementAccount,
  entry: Omit<StatementEntry, 'identity'>,
  counter: IdentityCounter,
): string {
  const references = ownReferences(entry);
  const digest = hash(
    'sha256',
    JSON.stringify([
      'okpay camt.053 entry 1',
      account.id.replace(/\s/g, '').toUpperCase(),
      entry.bookingDate ?? entry.valueDate ?? '',
      entry.amount.minor.toString(),
      entry.amount.currency,
      entry.direction,
      entry.isReversal,
      entry.status,
      references ?? entry.transactions.map(detailsOf),
    ]),
    'base64url',
  );
  const kind = references ? 'ref' : 'sum';
  const number = (counter.get(digest) ?? 0) + 1;
  counter.set(digest, number);
  return `${kind}_${digest}_${number}`;
}

/** The bank's references of the entry, or undefined when it does not give one for all of it. */
function ownReferences(entry: Omit<StatementEntry, 'identity'>): string[] | undefined {
  const own = reference(entry.accountServicerReference);
  if (own !== undefined) return [own];
  const inner = entry.transactions
    .map((transaction) => reference(transaction.accountServicerReference))
    .filter((text) => text !== undefined);
  return inner.length > 0 && inner.length === entry.transactions.length ? inner : undefined;
}

function detailsOf(transaction: StatementEntry['transactions'][number]): (string | undefined)[] {
  return [
    transaction.amount && `${transaction.amount.minor} ${transaction.amount.currency}`,
    reference(transaction.accountServicerReference),
    reference(transaction.transactionId),
    reference(transaction.endToEndId),
    reference(transaction.instructionId),
    transaction.debtor?.iban ?? transaction.debtor?.otherAccount,
    transaction.creditor?.iban ?? transaction.creditor?.otherAccount,
    plain(transaction.remittance),
    ...transaction.creditorReferences.map(plain),
  ].map((text) => text ?? '');
}

function reference(text: string | undefined): string | undefined {
  const bare = plain(text);
  return bare === '' || NO_REFERENCE.test(bare) ? undefined : bare;
}

/** Text without what a bank may lay out differently the next time: line breaks, double blanks, composed letters. */
function plain(text: string | undefined): string {
  return (text ?? '').normalize('NFC').replace(/\s+/g, ' ').trim();
}
