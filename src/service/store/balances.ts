import type { Currency } from '../../core/money.ts';
import type { Reader } from './engine/engine.ts';

/** An account's balance, in minor units. */
export type BalanceRow = {
  id: bigint;
  currency: Currency;
  balance: bigint;
  held: bigint;
  /** 1 while its owner has closed it. */
  closed: bigint;
};

/** A holder's accounts by currency. */
export function balancesOf(db: Reader, owner: string): Promise<BalanceRow[]> {
  return db.all<BalanceRow>(
    'SELECT id, currency, balance, held, closed FROM accounts WHERE owner = ? ORDER BY currency',
    [owner],
  );
}

/** The balance of a system account such as a bank's mirror; undefined before its first entry. */
export function balanceByName(db: Reader, name: string): Promise<BalanceRow | undefined> {
  return db.one<BalanceRow>('SELECT id, currency, balance, held, closed FROM accounts WHERE name = ?', [
    name,
  ]);
}
