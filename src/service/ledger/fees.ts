import type { Currency } from '../../core/money.ts';

export type FeeKind = 'transfer' | 'conversion' | 'merchant' | 'withdrawal';

/** One version of what a kind of operation costs in a currency. Amounts in minor units of that currency. */
export type FeeRule = {
  readonly id: string;
  readonly kind: FeeKind;
  readonly currency: Currency;
  /** Hundredths of a percent of the amount. */
  readonly basisPoints: bigint;
  readonly fixed: bigint;
  readonly minimum: bigint;
  readonly maximum: bigint | null;
  readonly effectiveFrom: string;
};

/** What holds where no rule was set: payments between people are free, and so are conversions, but for their spread. */
const DEFAULT_BASIS_POINTS: Record<FeeKind, bigint> = {
  transfer: 0n,
  conversion: 0n,
  merchant: 140n,
  withdrawal: 50n,
};

/** The rule that holds where the operator set none. */
export function defaultFeeRule(kind: FeeKind, currency: Currency): FeeRule {
  return {
    id: 'default',
    kind,
    currency,
    basisPoints: DEFAULT_BASIS_POINTS[kind],
    fixed: 0n,
    minimum: 0n,
    maximum: null,
    effectiveFrom: '1970-01-01T00:00:00.000Z',
  };
}

/**
 * The fee on an amount, in minor units: percentage rounded half up to the minor unit, plus the fixed part, then not
 * less than the minimum and not more than the maximum.
 */
export function feeOn(amount: bigint, rule: FeeRule): bigint {
  const percentage = (amount * rule.basisPoints + 5_000n) / 10_000n;
  const raised = percentage + rule.fixed > rule.minimum ? percentage + rule.fixed : rule.minimum;
  return rule.maximum !== null && raised > rule.maximum ? rule.maximum : raised;
}
