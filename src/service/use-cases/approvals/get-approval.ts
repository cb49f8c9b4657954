import { showApproval } from '../../approvals/approval.ts';
import { approvalWithHolder } from '../../approvals/decide.ts';
import { record } from '../../audit-log/record.ts';
import type { UseCase } from '../use-case.ts';

/** One thing that two people decide, whole. Throws `not_found`. */
export const getApproval: UseCase<'get-approval'> = async (deps, actor, { approval, reason }) => {
  const { row, holder } = await approvalWithHolder(deps.engine, approval);
  await deps.engine.transact((tx) =>
    record(tx, deps, actor, { action: 'act-viewed', subject: holder.id, object: approval, reason }),
  );
  return showApproval(row, holder);
};
