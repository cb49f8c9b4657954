import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import { formatMoney, parseAmount, parseCurrency } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { keepLimits, limitsOf, type Limit } from '../../limits/limit.ts';
import { showLevel } from '../../limits/show-limits.ts';
import { allLevels, keepLevel } from '../../store/levels.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Sets how much holders of a level may move in a direction at once, in a day or in a month; without an amount there is no
 * such limit. A level is there from the first time it is named here. It holds for what begins after the answer. Throws
 * `currency_unknown`, `amount_invalid`, `limit_reached`.
 */
export const setLimit: UseCase<'set-limit'> = async (deps, actor, input) => {
  const { level: name, direction, per, reason } = input;
  const most = input.most && parseAmount(input.most.amount, parseCurrency(input.most.currency));
  const changedAt = timestamp(deps.now());
  const level = await deps.engine.transact(async (tx) => {
    const levels = await allLevels(tx);
    const known = levels.find((each) => each.name === name);
    if (!known && levels.length >= LIMITS.levels)
      throw new Refusal('limit_reached', { what: 'levels', most: String(LIMITS.levels) });
    const others = limitsOf(known?.limits ?? null).filter(
      (limit) => limit.direction !== direction || limit.per !== per,
    );
    const limit: Limit[] = most ? [{ direction, per, most: most.minor, currency: most.currency }] : [];
    const row = { name, limits: keepLimits([...others, ...limit]), changedAt, changedBy: actor.user };
    await keepLevel(tx, row);
    const facts = { level: name, direction, per, most: most ? formatMoney(most) : 'none' };
    await record(tx, deps, actor, { action: 'limit-set', reason, facts });
    return row;
  });
  deps.log.info('limit_set', { by: actor.user });
  return showLevel(level);
};
