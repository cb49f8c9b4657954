import type { Currency } from '../../core/money.ts';
import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** What can be quoted: a payment to somebody, money changed between accounts of one holder, or paid out to a bank. */
export type QuoteKind = 'transfer' | 'conversion' | 'withdrawal';

/**
 * A bound price: `paid` and `fee` in minor units of `currency`, `received` in those of `receiveCurrency`. Never changed
 * once written; that it was used is a guard of the ledger.
 */
export type QuoteRow = {
  id: string;
  owner: string;
  kind: QuoteKind;
  recipient: string;
  /** `sender`: what is received was fixed; `recipient`: what is paid. */
  feeFrom: 'sender' | 'recipient';
  currency: Currency;
  receiveCurrency: Currency;
  paid: bigint;
  fee: bigint;
  /** JSON list of `{kind, minor}`, `minor` as text. */
  fees: string;
  received: bigint;
  /** Between two currencies: the middle of the market as `n/d`, hundredths of a percent, and where it is from. */
  rate: string | null;
  spread: bigint | null;
  rateSource: string | null;
  rateAt: string | null;
  arrives: string;
  /** Where a withdrawal goes; null for everything else. */
  bankAccount: string | null;
  /** JSON list of `{code, text}`. */
  warnings: string;
  createdAt: string;
  expiresAt: string;
};

const SELECT = `SELECT id, owner, kind, recipient, fee_from AS "feeFrom", currency, receive_currency AS "receiveCurrency",
  paid, fee, fees, received, rate, spread, rate_source AS "rateSource", rate_at AS "rateAt", arrives, bank_account AS "bankAccount", warnings,
  created_at AS "createdAt", expires_at AS "expiresAt" FROM quotes`;

/** A quote of this owner; someone else's is not there. */
export function quoteOf(db: Reader, owner: string, id: string): Promise<QuoteRow | undefined> {
  return db.one<QuoteRow>(`${SELECT} WHERE id = ? AND owner = ?`, [id, owner]);
}

/** The quotes of this owner among these, in no order. */
export function quotesOf(db: Reader, owner: string, ids: readonly string[]): Promise<QuoteRow[]> {
  return allOf(db, ids, (places) => `${SELECT} WHERE id IN (${places}) AND owner = ?`, [owner]);
}

export async function insertQuote(tx: Writer, quote: QuoteRow): Promise<void> {
  await tx.run(
    `INSERT INTO quotes (id, owner, kind, recipient, fee_from, currency, receive_currency, paid, fee, fees, received, rate,
      spread, rate_source, rate_at, arrives, bank_account, warnings, created_at, expires_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      quote.id,
      quote.owner,
      quote.kind,
      quote.recipient,
      quote.feeFrom,
      quote.currency,
      quote.receiveCurrency,
      quote.paid,
      quote.fee,
      quote.fees,
      quote.received,
      quote.rate,
      quote.spread,
      quote.rateSource,
      quote.rateAt,
      quote.arrives,
      quote.bankAccount,
      quote.warnings,
      quote.createdAt,
      quote.expiresAt,
    ],
  );
}
