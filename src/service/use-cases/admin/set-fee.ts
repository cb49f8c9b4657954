import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { parseAmount, parseCurrency } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { showFeeRule } from '../../ledger/show-fee-rule.ts';
import { countFeeRulesAfter, insertFeeRule } from '../../store/fee-rules.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Adds a version of the rule for one kind and currency, in force from a date that is now or later: what was charged
 * before stays explained by the version of its day. Amounts in the rule's currency. Throws `limit_reached` when as many
 * versions are announced as may be.
 */
export const setFee: UseCase<'set-fee'> = async (deps, actor, input) => {
  const now = timestamp(deps.now());
  const currency = parseCurrency(input.currency);
  const effectiveFrom = input.effectiveFrom === undefined ? now : timestamp(Date.parse(input.effectiveFrom));
  if (effectiveFrom < now) {
    throw new Refusal('input_invalid', { field: 'effectiveFrom', reason: 'must not be in the past' });
  }
  const read = (text: string | undefined) => (text === undefined ? 0n : parseAmount(text, currency).minor);
  const rule = {
    id: deps.newId('feeRule'),
    kind: input.kind,
    currency,
    basisPoints: BigInt(input.basisPoints),
    fixed: read(input.fixed),
    minimum: read(input.minimum),
    maximum: input.maximum === undefined ? null : read(input.maximum),
    effectiveFrom,
  };
  if (rule.maximum !== null && rule.maximum < rule.minimum) {
    throw new Refusal('input_invalid', { field: 'maximum', reason: 'must not be below the minimum' });
  }
  await deps.engine.transact(async (tx) => {
    const announced = effectiveFrom > now ? await countFeeRulesAfter(tx, rule.kind, currency, now) : 0n;
    if (announced >= LIMITS.announcedFees) {
      const what = `announced versions of the fees for ${rule.kind} in ${currency}`;
      throw new Refusal('limit_reached', { what, most: String(LIMITS.announcedFees) });
    }
    await insertFeeRule(tx, { ...rule, createdAt: now, createdBy: actor.user });
  });
  return showFeeRule(rule);
};
