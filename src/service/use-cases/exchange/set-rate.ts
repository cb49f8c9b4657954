import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency } from '../../../core/money.ts';
import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { isRate } from '../../rails/reference-rates.ts';
import { BASE } from '../../rates-of-exchange/rate-between.ts';
import { rateByHand } from '../../rates-of-exchange/set-by-hand.ts';
import { showRate } from '../../rates-of-exchange/show-rate.ts';
import { BY_HAND_BASIS_POINTS, isNear } from '../../rates-of-exchange/trust.ts';
import { anchorBefore, insertRates, isDoubted, rateAt } from '../../store/rates.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Sets what one euro is worth in a currency, from now on. Near the last rate that is still good and that more than one
 * person answers for, it holds at once; anything else waits for a second person, and so does a currency without one. Throws
 * `currency_unknown`, `input_invalid`.
 */
export const setRate: UseCase<'set-rate'> = async (deps, actor, input) => {
  const { rate, goodForHours, reason } = input;
  const currency = parseCurrency(input.currency);
  if (currency === BASE)
    throw new Refusal('input_invalid', { field: 'currency', reason: `is ${BASE}, which all rates are of` });
  if (!isRate(rate))
    throw new Refusal('input_invalid', {
      field: 'rate',
      reason: 'must be a plain number more than zero, such as 1.0832, with at most ten decimals',
    });
  const now = timestamp(deps.now());
  const [anchor, newest] = await Promise.all([
    anchorBefore(deps.engine, currency, now),
    rateAt(deps.engine, currency, now),
  ]);
  const isEnough =
    anchor !== undefined &&
    anchor.goodUntil >= now &&
    newest !== undefined &&
    !isDoubted(newest) &&
    isNear(anchor.rate, rate, BY_HAND_BASIS_POINTS);
  if (!isEnough) {
    const what = { currency, rate, goodForHours: String(goodForHours) };
    const holder = { id: actor.user, displayName: actor.displayName };
    const asked = await ask(deps, actor, { act: 'rate', holder, input: what, reason });
    return { state: 'asked', approval: showApproval(asked, holder) };
  }
  const set = rateByHand(deps, { currency, rate, goodForHours, alone: true, by: actor.user });
  await deps.engine.transact(async (tx) => {
    await insertRates(tx, [set]);
    const facts = { currency, rate, before: anchor.rate, goodUntil: set.goodUntil };
    await record(tx, deps, actor, { action: 'rate-set', object: set.id, reason, facts });
  });
  return { state: 'set', rate: showRate(set, now) };
};
