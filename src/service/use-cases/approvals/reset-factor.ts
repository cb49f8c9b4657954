import { Refusal } from '../../../core/contract/refusals.ts';
import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { holderToActOn } from '../../staff/holder-to-act-on.ts';
import { hasSecondFactor } from '../../store/second-factors.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Asks that a second factor be removed, for a holder who lost it and the recovery codes. Throws what holderToActOn
 * throws, and `not_found` where there is no factor.
 */
export const resetFactor: UseCase<'reset-factor'> = async (deps, actor, input) => {
  const holder = await holderToActOn(deps.engine, actor, input.holder);
  if (!(await hasSecondFactor(deps.engine, holder.id)))
    throw new Refusal('not_found', { thing: 'second factor of', id: input.holder });
  const { reason } = input;
  return showApproval(await ask(deps, actor, { act: 'factor-reset', holder, input: {}, reason }), holder);
};
