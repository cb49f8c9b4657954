import { Refusal } from '../../../core/contract/refusals.ts';
import { withdrawalsByIds } from '../../store/withdrawals.ts';
import { callBack } from '../../withdrawals/call-back.ts';
import { withdrawalOfHolder } from '../../withdrawals/of-holder.ts';
import type { UseCase } from '../use-case.ts';

/** Calls a withdrawal back before it goes to the bank: the money is there again. Throws `not_found`, `withdrawal_decided`. */
export const cancelWithdrawal: UseCase<'cancel-withdrawal'> = async (deps, actor, { withdrawal: id }) => {
  const [row] = await withdrawalsByIds(deps.engine, [id]);
  if (row?.userId !== actor.user) throw new Refusal('not_found', { thing: 'withdrawal', id });
  const ended = await callBack(deps, row, { event: 'cancel', by: actor.user });
  // Asked for twice, it is called back once.
  if (ended.state !== 'cancelled') throw new Refusal('withdrawal_decided', { id, state: ended.state });
  return withdrawalOfHolder(deps.engine, actor.user, id);
};
