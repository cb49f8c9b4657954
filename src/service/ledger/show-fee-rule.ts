import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import type { FeeRule } from './fees.ts';

/** A fee rule for the wire. */
export function showFeeRule(rule: FeeRule): Output<'set-fee'> {
  const { currency } = rule;
  return {
    id: rule.id,
    kind: rule.kind,
    currency,
    basisPoints: Number(rule.basisPoints),
    fixed: toWire(rule.fixed, currency),
    minimum: toWire(rule.minimum, currency),
    ...(rule.maximum === null ? {} : { maximum: toWire(rule.maximum, currency) }),
    effectiveFrom: rule.effectiveFrom,
  };
}
