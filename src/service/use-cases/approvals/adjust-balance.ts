import { formatMinor, parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { holderToActOn } from '../../staff/holder-to-act-on.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Asks that money be given to a holder, or taken from one, against the account of adjustments. Throws what holderToActOn
 * throws, `currency_unknown`, `amount_invalid`.
 */
export const adjustBalance: UseCase<'adjust-balance'> = async (deps, actor, input) => {
  const holder = await holderToActOn(deps.engine, actor, input.holder);
  const money = parsePositiveAmount(input.amount.amount, parseCurrency(input.amount.currency));
  const { currency } = money;
  const { direction, reason } = input;
  const what = { amount: formatMinor(money.minor, currency), currency, direction };
  return showApproval(await ask(deps, actor, { act: 'adjustment', holder, input: what, reason }), holder);
};
