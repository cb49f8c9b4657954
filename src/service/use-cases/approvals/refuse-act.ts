import { showApproval } from '../../approvals/approval.ts';
import { decide } from '../../approvals/decide.ts';
import type { UseCase } from '../use-case.ts';

/** Refuses what somebody else asked for; until its delay is over, also what was approved. Throws what decide throws. */
export const refuseAct: UseCase<'refuse-act'> = async (deps, actor, input) => {
  const { row, holder } = await decide(deps, actor, input, 'refuse');
  return showApproval(row, holder);
};
