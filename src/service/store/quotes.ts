import type { Currency } from '../../core/money.ts';
import type { FeeKind } from '../ledger/fees.ts';
import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** A bound price: minor units of one currency. Never changed once written; that it was used is a guard of the ledger. */
export type QuoteRow = {
  id: string;
  owner: string;
  kind: FeeKind;
  recipient: string;
  feeFrom: 'sender' | 'recipient';
  currency: Currency;
  paid: bigint;
  fee: bigint;
  received: bigint;
  /** JSON list of `{code, text}`. */
  warnings: string;
  createdAt: string;
  expiresAt: string;
};

const SELECT = `SELECT id, owner, kind, recipient, fee_from AS "feeFrom", currency, paid, fee, received, warnings,
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
    `INSERT INTO quotes (id, owner, kind, recipient, fee_from, currency, paid, fee, received, warnings, created_at,
      expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      quote.id,
      quote.owner,
      quote.kind,
      quote.recipient,
      quote.feeFrom,
      quote.currency,
      quote.paid,
      quote.fee,
      quote.received,
      quote.warnings,
      quote.createdAt,
      quote.expiresAt,
    ],
  );
}
