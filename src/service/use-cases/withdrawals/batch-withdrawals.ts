import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMinor, parseCurrency } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { ownAccounts } from '../../store/own-accounts.ts';
import type { BatchRow } from '../../store/withdrawal-batches.ts';
import { currenciesToBatch } from '../../store/withdrawals.ts';
import { makeBatch } from '../../withdrawals/batch.ts';
import { showBatch } from '../../withdrawals/show.ts';
import type { UseCase } from '../use-case.ts';

/** Files that one call makes at most; the next call goes on. */
const MOST_FILES = 100;

/**
 * Puts what is approved into batches, each for one account and currency, and of no more payments than a file takes. What a
 * restriction freezes stays out. Throws `own_account_missing`, `not_found`, `currency_unknown`, `input_invalid`.
 */
export const batchWithdrawals: UseCase<'batch-withdrawals'> = async (deps, actor, input) => {
  const { version = 'pain.001.001.09', reason } = input;
  const executeOn = input.executeOn ?? timestamp(deps.now()).slice(0, 10);
  if (!/^\d{4}-\d\d-\d\d$/.test(executeOn) || Number.isNaN(Date.parse(`${executeOn}T00:00:00Z`)))
    throw new Refusal('input_invalid', { field: 'executeOn', reason: 'takes a day, such as 2026-11-27' });
  const wanted = input.currency === undefined ? undefined : parseCurrency(input.currency);
  const iban = input.iban?.replace(/\s/g, '').toUpperCase();
  const all = await ownAccounts(deps.engine);
  const accounts = all.filter((account) => iban === undefined || account.iban === iban);
  if (iban !== undefined && accounts.length === 0)
    throw new Refusal('not_found', { thing: 'account of the wallet', id: iban });
  const made: BatchRow[] = [];
  const currencies = (await currenciesToBatch(deps.engine)).filter(
    (currency) => wanted === undefined || currency === wanted,
  );
  for (const currency of currencies) {
    const from = accounts.find((account) => account.currency === currency);
    if (!from) {
      // With an account named, only its currency is meant.
      if (iban !== undefined && wanted === undefined) continue;
      if (made.length > 0 && wanted === undefined) continue;
      throw new Refusal('own_account_missing', { currency });
    }
    while (made.length < MOST_FILES) {
      const batch = await makeBatch(deps, { from, version, executeOn, by: actor.user });
      if (!batch) break;
      made.push(batch);
      const total = formatMinor(batch.total, currency);
      await deps.engine.transact((tx) =>
        record(tx, deps, actor, {
          action: 'batch-made',
          object: batch.id,
          reason,
          facts: { payments: String(batch.payments), total, currency },
        }),
      );
    }
  }
  return { batches: made.map(showBatch) };
};
