import type { Deps } from '../../deps.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import { inputOf } from '../approval.ts';
import type { Done } from './done.ts';

/** Lets a withdrawal go to the bank: it follows what was decided; see withdrawals/follow.ts. */
export function letWithdraw(_deps: Deps, row: ApprovalRow): Promise<Done> {
  const { withdrawal = '' } = inputOf(row);
  return Promise.resolve({ result: { withdrawal } });
}
