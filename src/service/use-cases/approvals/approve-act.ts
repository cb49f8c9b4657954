import { showApproval } from '../../approvals/approval.ts';
import { decide } from '../../approvals/decide.ts';
import type { UseCase } from '../use-case.ts';

/** Agrees to what somebody else asked for: it is done when its delay is over. Throws what decide throws. */
export const approveAct: UseCase<'approve-act'> = async (deps, actor, input) => {
  const { row, holder } = await decide(deps, actor, input, 'approve');
  return showApproval(row, holder);
};
