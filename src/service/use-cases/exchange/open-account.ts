import { parseCurrency } from '../../../core/money.ts';
import { shutAccount } from '../../payments/shut-account.ts';
import type { UseCase } from '../use-case.ts';

/** Opens the holder's account in a currency, or opens it again. Throws `currency_unknown`. */
export const openAccount: UseCase<'open-account'> = (deps, actor, { currency }) =>
  shutAccount(deps, actor, parseCurrency(currency), 'open');
