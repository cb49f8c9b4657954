import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMoney, parseAmount, parseCurrency, toWire } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { factorOf, spendCode } from '../../identity/second-factor.ts';
import { deleteConfirmationLimit, putConfirmationLimit } from '../../store/confirmation-limits.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Sets the amount above which a payment in a currency takes a code, or without an amount lets payments of any size go
 * without. Always takes a code itself, or whoever has the session could raise it first. Throws `currency_unknown`,
 * `amount_invalid`, `second_factor_off`, and what spendCode throws.
 */
export const setConfirmationLimit: UseCase<'set-confirmation-limit'> = async (deps, actor, input) => {
  const currency = parseCurrency(input.currency);
  const above = input.above === undefined ? undefined : parseAmount(input.above, currency);
  const factor = await factorOf(deps.engine, actor.user);
  if (!factor) throw new Refusal('second_factor_off');
  await spendCode(deps, actor, factor, input.code, { operation: 'set-confirmation-limit' });
  await deps.engine.transact(async (tx) => {
    // Turned off meanwhile: then nothing could ever confirm a payment.
    if (!(await factorOf(tx, actor.user))) throw new Refusal('second_factor_off');
    if (above) await putConfirmationLimit(tx, actor.user, { currency, above: above.minor });
    else await deleteConfirmationLimit(tx, actor.user, currency);
    const facts = { currency, above: above ? formatMoney(above) : 'none' };
    await record(tx, deps, actor, { action: 'confirmation-limit-set', facts });
  });
  return { currency, ...(above ? { above: toWire(above.minor, currency) } : {}) };
};
