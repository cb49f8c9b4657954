import { parseCurrency } from '../../../core/money.ts';
import type { Deps } from '../../deps.ts';
import { rateByHand } from '../../rates-of-exchange/set-by-hand.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import { insertRates } from '../../store/rates.ts';
import { inputOf } from '../approval.ts';
import type { Done } from './done.ts';

/** Sets a rate of exchange that two people answer for, from now on: written together with that it was done. */
export async function setRate(deps: Deps, row: ApprovalRow): Promise<Done> {
  const { currency = '', rate = '', goodForHours = '' } = inputOf(row);
  const set = rateByHand(deps, {
    currency: parseCurrency(currency),
    rate,
    goodForHours: Number(goodForHours),
    alone: false,
    by: row.askedBy,
  });
  return {
    result: { rate: set.id, goodUntil: set.goodUntil },
    andWrite: (tx) => insertRates(tx, [set]),
  };
}
