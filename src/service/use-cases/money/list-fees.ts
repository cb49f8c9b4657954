import { parseCurrency, type Currency } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { defaultFeeRule, type FeeKind } from '../../ledger/fees.ts';
import { showFeeRule } from '../../ledger/show-fee-rule.ts';
import { balancesOf } from '../../ledger/read.ts';
import { allFeeRules } from '../../store/fee-rules.ts';
import type { UseCase } from '../use-case.ts';

const KINDS: readonly FeeKind[] = ['transfer', 'conversion', 'merchant', 'withdrawal'];

/**
 * The fee schedule: for each kind the rule in force and those announced for later, in the currency asked for, or in
 * those that have rules of their own or that the holder has an account in (EUR when there is none).
 */
export const listFees: UseCase<'list-fees'> = async ({ engine, now }, actor, input) => {
  const at = timestamp(now());
  const rules = await allFeeRules(engine);
  const currencies = new Set<Currency>(
    input.currency === undefined
      ? [...rules, ...(await balancesOf(engine, actor.user))].map(({ currency }) => currency)
      : [parseCurrency(input.currency)],
  );
  if (currencies.size === 0) currencies.add('EUR');
  const kinds = KINDS.filter((kind) => input.kind === undefined || input.kind === kind);
  const fees = kinds.flatMap((kind) =>
    [...currencies].sort().flatMap((currency) => {
      const versions = rules.filter((rule) => rule.kind === kind && rule.currency === currency);
      const current = versions.filter(({ effectiveFrom }) => effectiveFrom <= at).at(-1);
      // Of several announced for one instant the one added last will hold.
      const later = versions.filter(
        ({ effectiveFrom }, place) =>
          effectiveFrom > at && versions[place + 1]?.effectiveFrom !== effectiveFrom,
      );
      return [current ?? defaultFeeRule(kind, currency), ...later].map(showFeeRule);
    }),
  );
  return {
    fees,
    note: 'Percentages are rounded half up to the minor unit. Other currencies: ask for one by its code.',
  };
};
