import type { Output } from '../../core/contract/operations.ts';
import type { BankAccountRow } from '../store/bank-accounts.ts';
import { endOf } from './read-account.ts';
import type { Details } from './schemes.ts';

type Shown = Output<'add-bank-account'>;

/** A bank account for its holder; its numbers whole only where they were asked for (OWASP ASVS 5.0, V14.2.6). */
export function showBankAccount(row: BankAccountRow, full = false): Shown {
  return {
    id: row.id,
    country: row.country,
    currency: row.currency,
    holderName: row.holderName,
    ending: endOf(row.details),
    ...(full ? { details: JSON.parse(row.details) as Details } : {}),
    nameCheck: row.nameCheck as Shown['nameCheck'],
    ...(row.bankSays === null ? {} : { bankSays: row.bankSays }),
    addedAt: row.addedAt,
    usableFrom: row.usableFrom,
  };
}
