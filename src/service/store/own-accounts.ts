import type { Currency } from '../../core/money.ts';
import type { Reader, Writer } from './engine/engine.ts';

/** An account of the operator's that withdrawals are paid from. */
export type OwnAccountRow = {
  iban: string;
  currency: Currency;
  bic: string | null;
  name: string;
  addedAt: string;
  addedBy: string;
};

const SELECT = `SELECT iban, currency, bic, name, added_at AS "addedAt", added_by AS "addedBy" FROM own_accounts`;

/** By currency, in each the oldest first. */
export function ownAccounts(db: Reader): Promise<OwnAccountRow[]> {
  return db.all<OwnAccountRow>(`${SELECT} ORDER BY currency, added_at, iban`);
}

/** Adds an account, or changes the name and the bank of one that is there. */
export async function putOwnAccount(tx: Writer, row: OwnAccountRow): Promise<void> {
  await tx.run(
    `INSERT INTO own_accounts (iban, currency, bic, name, added_at, added_by) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (iban, currency) DO UPDATE SET bic = excluded.bic, name = excluded.name`,
    [row.iban, row.currency, row.bic, row.name, row.addedAt, row.addedBy],
  );
}

export async function deleteOwnAccount(tx: Writer, iban: string, currency: string): Promise<boolean> {
  return (await tx.run('DELETE FROM own_accounts WHERE iban = ? AND currency = ?', [iban, currency])) > 0;
}
