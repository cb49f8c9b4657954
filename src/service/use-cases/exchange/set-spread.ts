import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency } from '../../../core/money.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { pairOf } from '../../rates-of-exchange/exchange.ts';
import { showSpread } from '../../rates-of-exchange/show-spread.ts';
import { insertSpread } from '../../store/spreads.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Adds a version of what is kept of the middle of the market when one of two currencies is changed into the other, or any into
 * any: in force from a time that is now or later. Quotes that bind already keep theirs. Throws `currency_unknown`,
 * `input_invalid`.
 */
export const setSpread: UseCase<'set-spread'> = async (deps, actor, input) => {
  const now = timestamp(deps.now());
  const effectiveFrom = input.effectiveFrom === undefined ? now : timestamp(Date.parse(input.effectiveFrom));
  if (effectiveFrom < now)
    throw new Refusal('input_invalid', { field: 'effectiveFrom', reason: 'must not be in the past' });
  const [first, second] = (input.between ?? []).map(parseCurrency);
  if (first !== undefined && first === second)
    throw new Refusal('input_invalid', { field: 'between', reason: 'must name two currencies' });
  const [one, other] = first && second ? pairOf(first, second) : ['', ''];
  const { basisPoints } = input;
  const spread = { id: deps.newId('spread'), one, other, basisPoints: BigInt(basisPoints), effectiveFrom };
  await deps.engine.transact(async (tx) => {
    await insertSpread(tx, { ...spread, createdAt: now, createdBy: actor.user });
    const facts = { basisPoints: String(basisPoints), effectiveFrom, ...(one === '' ? {} : { one, other }) };
    await record(tx, deps, actor, { action: 'spread-set', object: spread.id, facts });
  });
  return showSpread(spread);
};
