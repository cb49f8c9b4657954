import type { Currency } from '../../core/money.ts';
import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** A bank account of a holder's. `details` is JSON: what banks know it by. */
export type BankAccountRow = {
  id: string;
  userId: string;
  country: string;
  currency: Currency;
  holderName: string;
  details: string;
  /** Equal for two rows that are the same account. */
  numberKey: string;
  nameCheck: string;
  bankSays: string | null;
  addedAt: string;
  usableFrom: string;
  removedAt: string | null;
};

const SELECT = `SELECT id, user_id AS "userId", country, currency, holder_name AS "holderName", details,
  number_key AS "numberKey", name_check AS "nameCheck", bank_says AS "bankSays", added_at AS "addedAt",
  usable_from AS "usableFrom", removed_at AS "removedAt" FROM bank_accounts`;

/** Adds an account; false when its holder has it already. */
export async function insertBankAccount(tx: Writer, row: BankAccountRow): Promise<boolean> {
  const rows = await tx.run(
    `INSERT INTO bank_accounts (id, user_id, country, currency, holder_name, details, number_key, name_check, bank_says,
      added_at, usable_from) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (user_id, currency, number_key) WHERE removed_at IS NULL DO NOTHING`,
    [
      row.id,
      row.userId,
      row.country,
      row.currency,
      row.holderName,
      row.details,
      row.numberKey,
      row.nameCheck,
      row.bankSays,
      row.addedAt,
      row.usableFrom,
    ],
  );
  return rows > 0;
}

/** A holder's accounts that are in use, the oldest first. */
export function bankAccountsOf(db: Reader, user: string): Promise<BankAccountRow[]> {
  return db.all<BankAccountRow>(`${SELECT} WHERE user_id = ? AND removed_at IS NULL ORDER BY id`, [user]);
}

/** An account of this holder that is in use; someone else's is not there. */
export function bankAccountOf(db: Reader, user: string, id: string): Promise<BankAccountRow | undefined> {
  return db.one<BankAccountRow>(`${SELECT} WHERE id = ? AND user_id = ? AND removed_at IS NULL`, [id, user]);
}

/** Accounts by id, removed ones too, in no order. */
export function bankAccountsByIds(db: Reader, ids: readonly string[]): Promise<BankAccountRow[]> {
  return allOf(db, ids, (places) => `${SELECT} WHERE id IN (${places})`);
}

/** Takes an account out of use; false when it was not in use. */
export async function removeBankAccount(tx: Writer, user: string, id: string, at: string): Promise<boolean> {
  const rows = await tx.run(
    'UPDATE bank_accounts SET removed_at = ? WHERE id = ? AND user_id = ? AND removed_at IS NULL',
    [at, id, user],
  );
  return rows > 0;
}
