import { parseCurrency } from '../../../core/money.ts';
import { shutAccount } from '../../payments/shut-account.ts';
import type { UseCase } from '../use-case.ts';

/** Closes the holder's account in a currency. Throws `currency_unknown`, `not_found`, `account_not_empty`. */
export const closeAccount: UseCase<'close-account'> = (deps, actor, { currency }) =>
  shutAccount(deps, actor, parseCurrency(currency), 'close');
