import type { Output } from '../../core/contract/operations.ts';
import type { OwnAccountRow } from '../store/own-accounts.ts';

/** An account of the wallet itself, for staff: it is on every statement they import. */
export function showOwnAccount({
  iban,
  currency,
  bic,
  name,
  addedAt,
}: OwnAccountRow): Output<'add-own-account'> {
  return { iban, currency, ...(bic === null ? {} : { bic }), name, addedAt };
}
