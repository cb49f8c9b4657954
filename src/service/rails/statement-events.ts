import type { Money } from '../../core/money.ts';

/** Whose statement it is. `other` is the bank's own number where no IBAN is given (schema: Acct/Id/Othr/Id). */
export type StatementAccount = { readonly kind: 'iban' | 'other'; readonly id: string };

/** Money of the account's owner comes in (`credit`, CRDT) or goes out (`debit`, DBIT). */
export type Direction = 'credit' | 'debit';

/** The head of one statement: the first thing told of it. Dates and times are the text of the file. */
export type StatementHeader = {
  readonly type: 'statement';
  /** Line of the Stmt element, from 1. */
  readonly line: number;
  /** Which statement of the file, from 0. */
  readonly index: number;
  /** Such as `camt.053.001.08`. */
  readonly version: string;
  /** The group header: the bank's id of the message and when it was made. */
  readonly messageId: string;
  readonly messageCreated: string;
  readonly id: string;
  readonly electronicSequenceNumber: bigint | undefined;
  readonly legalSequenceNumber: bigint | undefined;
  readonly created: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** The bank says that this is a copy (COPY), a duplicate (DUPL) or both (CODU) of a statement it sent before. */
  readonly copy: string | undefined;
  readonly account: StatementAccount;
  /** As the file says; a code that is not an active currency is kept, because no money is counted in it. */
  readonly currency: string | undefined;
  /** Only some pages of the statement are in this file, so its figures need not agree with themselves. */
  readonly isPartial: boolean;
};

/** The bank's classification of an entry (ISO 20022 external code list, and the bank's own). */
export type BankTransactionCode = {
  readonly domain: string | undefined;
  readonly family: string | undefined;
  readonly subFamily: string | undefined;
  readonly proprietary: string | undefined;
  readonly issuer: string | undefined;
};

/** Payer or payee as the bank names it. Exact text of the file: show it only through the place that makes text safe. */
export type Party = {
  readonly name: string | undefined;
  readonly iban: string | undefined;
  readonly otherAccount: string | undefined;
};

/** One payment inside an entry. A batch entry has several, many entries have one, some have none. */
export type StatementTransaction = {
  readonly line: number;
  /** TxDtls/Amt, or AmtDtls/TxAmt in the versions without it. May be in another currency than the entry. */
  readonly amount: Money | undefined;
  readonly direction: Direction | undefined;
  readonly messageId: string | undefined;
  readonly accountServicerReference: string | undefined;
  readonly paymentInformationId: string | undefined;
  readonly instructionId: string | undefined;
  readonly endToEndId: string | undefined;
  readonly transactionId: string | undefined;
  readonly debtor: Party | undefined;
  readonly creditor: Party | undefined;
  /** Unstructured remittance, its parts joined with a space; undefined when there is none. */
  readonly remittance: string | undefined;
  /** Structured creditor references (RF…, QR, KID…), in order. */
  readonly creditorReferences: readonly string[];
  /** Why it came back: an ISO 20022 external return reason code such as `AC04`, or the bank's own text. */
  readonly returnReason: string | undefined;
};

/**
 * One entry of the account. Only an entry with status `BOOK` has moved money; `PDNG`, `FUTR` and `INFO` have not, and may
 * never. `direction` is what happened to the account: for a reversal of a debit it is `credit`, with `isReversal` true.
 */
export type StatementEntry = {
  readonly type: 'entry';
  /** Line of the Ntry element, from 1. */
  readonly line: number;
  /** Which entry of its statement, from 0. */
  readonly index: number;
  /** The same for the same entry in every statement that lists it; see `entryIdentity`. */
  readonly identity: string;
  /** Never negative. Its currency may differ from the account's: such an entry is not money of the account. */
  readonly amount: Money;
  readonly direction: Direction;
  /** ISO code; a status of the bank's own is its text after `other:`. */
  readonly status: string;
  readonly isReversal: boolean;
  /** Calendar days `YYYY-MM-DD` as the bank wrote them, without zone. */
  readonly bookingDate: string | undefined;
  readonly valueDate: string | undefined;
  /** The bank's mark of the entry within the statement (NtryRef); often only a running number. */
  readonly entryReference: string | undefined;
  readonly accountServicerReference: string | undefined;
  readonly code: BankTransactionCode;
  readonly information: string | undefined;
  readonly transactions: readonly StatementTransaction[];
};

/**
 * A balance; negative when the account is overdrawn (DBIT). `kind` is an ISO code such as `OPBD`; a kind of the bank's own
 * is its text after `other:`.
 */
export type StatementBalance = {
  readonly line: number;
  readonly kind: string;
  readonly subKind: string | undefined;
  readonly amount: Money;
  readonly date: string;
};

/** The entries of one status in one currency; sums are never negative. */
export type StatementTotal = {
  readonly status: string;
  readonly credits: number;
  readonly creditSum: Money;
  readonly debits: number;
  readonly debitSum: Money;
};

/** Whether opening balance + booked entries = closing balance, and whether the bank's own summary agrees. */
export type StatementProof = {
  /** True when the statement has an opening and a closing balance in one currency. */
  readonly isChecked: boolean;
  /** Undefined when not checked. False only where the file itself explains it, in `remark`; any other is refused. */
  readonly isBalanced: boolean | undefined;
  readonly opening: Money | undefined;
  readonly closing: Money | undefined;
  /** Closing balance less opening balance and booked entries; zero when balanced, undefined when not checked. */
  readonly difference: Money | undefined;
  /** The statement has a summary (TxsSummry) and it agrees with the entries. */
  readonly isSummaryProven: boolean;
  /** Why it was not checked, or why it may be out of balance: a whole sentence. */
  readonly remark: string | undefined;
};

/** The end of one statement: only when it has come are the entries before it proven to be whole. */
export type StatementEnd = {
  readonly type: 'statement-end';
  readonly line: number;
  readonly index: number;
  readonly entries: number;
  readonly transactions: number;
  readonly balances: readonly StatementBalance[];
  readonly totals: readonly StatementTotal[];
  readonly proof: StatementProof;
};

/** What a file of statements tells, in its order: for each statement its head, its entries, its end. */
export type StatementEvent = StatementHeader | StatementEntry | StatementEnd;
