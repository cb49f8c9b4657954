import { payAll } from '../../payments/pay.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Pays once: exactly what a quote says, or an amount at the fee of the moment. Throws `not_found` (no such quote of
 * yours), `recipient_unknown`, `recipient_is_self`, `fee_above_maximum`, `fee_exceeds_amount`, `quote_expired`,
 * `quote_used`, `insufficient_funds`, `idempotency_mismatch`, `intent_abandoned`, `outcome_unknown`, and above the
 * payer's own limit `second_factor_required`, `second_factor_invalid`, `too_many_attempts`.
 * With `dryRun` everything is decided under lock and nothing is written.
 */
export const createTransfer: UseCase<'create-transfer'> = async (deps, actor, input, { key }) => {
  const [ending] = await payAll(deps, { ...actor, id: actor.user }, [{ ...input, key }], input.code);
  if (ending?.state === 'done') return ending.transfer;
  throw ending?.refusal ?? new Error('one order has one ending');
};
