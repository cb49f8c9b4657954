import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { parseCurrency } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { checkIban } from '../../bank-accounts/read-account.ts';
import { timestamp } from '../../deps.ts';
import { isSayable } from '../../rails/sepa-text.ts';
import { ownAccounts, putOwnAccount } from '../../store/own-accounts.ts';
import { showOwnAccount } from '../../withdrawals/show-own-account.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Adds an account that withdrawals in a currency are paid from, or changes its bank or name. Banks keep accounts in any
 * currency, so it need not be that of the country. Throws `bank_account_invalid`, `currency_unknown`, `input_invalid`,
 * `limit_reached`.
 */
export const addOwnAccount: UseCase<'add-own-account'> = async (deps, actor, input) => {
  const { iban, bic } = checkIban(input.iban, input.bic);
  const currency = parseCurrency(input.currency);
  if (!isSayable(input.name))
    throw new Refusal('input_invalid', {
      field: 'name',
      reason: 'takes the name in Latin letters, as the bank has it',
    });
  const row = {
    iban,
    currency,
    bic: bic ?? null,
    name: input.name,
    addedAt: timestamp(deps.now()),
    addedBy: actor.user,
  };
  await deps.engine.transact(async (tx) => {
    if ((await ownAccounts(tx)).length >= LIMITS.ownAccounts)
      throw new Refusal('limit_reached', { what: 'accounts', most: String(LIMITS.ownAccounts) });
    await putOwnAccount(tx, row);
    await record(tx, deps, actor, {
      action: 'own-account-added',
      facts: { currency, ending: iban.slice(-4) },
    });
  });
  return showOwnAccount(row);
};
