import { formatMoney, parseAmount, parseCurrency } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { putSetting } from '../../store/settings.ts';
import { RULES, showRules } from '../../withdrawals/rules.ts';
import type { UseCase } from '../use-case.ts';

/** Sets those of the rules that are given, from now on. Throws `currency_unknown`, `amount_invalid`. */
export const setWithdrawalRules: UseCase<'set-withdrawal-rules'> = async (deps, actor, input) => {
  const { coolOffHours, refundFee, automatic } = input;
  const upTo = automatic && parseAmount(automatic.amount, parseCurrency(automatic.currency));
  const changes: readonly (readonly [string, string])[] = [
    ...(coolOffHours === undefined ? [] : [[RULES.coolOffHours, String(coolOffHours)] as const]),
    ...(refundFee === undefined ? [] : [[RULES.refundFee, refundFee ? 'yes' : 'no'] as const]),
    ...(upTo === undefined ? [] : [[RULES.automatic(upTo.currency), String(upTo.minor)] as const]),
  ];
  const facts = {
    ...(coolOffHours === undefined ? {} : { coolOffHours: String(coolOffHours) }),
    ...(refundFee === undefined ? {} : { refundFee: refundFee ? 'yes' : 'no' }),
    ...(upTo === undefined ? {} : { automatic: formatMoney(upTo) }),
  };
  await deps.engine.transact(async (tx) => {
    for (const [name, value] of changes)
      await putSetting(tx, { name, value, setAt: timestamp(deps.now()), setBy: actor.user });
    if (changes.length > 0) await record(tx, deps, actor, { action: 'withdrawal-rules-set', facts });
  });
  return showRules(deps);
};
