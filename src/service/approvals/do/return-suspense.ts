import type { Deps } from '../../deps.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { claimGuard, suspenseGuard } from '../../ledger/guards.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import { APPROVALS, inputOf } from '../approval.ts';
import type { Done } from './done.ts';

/**
 * Marks a suspense item as one to be returned: nobody can be given it any more. No money moves until the bank's statement
 * brings the debit that carries the reference.
 */
export async function returnSuspense(deps: Deps, row: ApprovalRow): Promise<Done> {
  const { transfer = '', reference = '' } = inputOf(row);
  const refusal = { code: 'reference_used', facts: { reference: transfer } } as const;
  const outcome = await deps.poster.post({
    id: row.id,
    initiator: row.askedBy,
    key: { owner: APPROVALS, key: row.id, fingerprint: fingerprintOf({ operation: row.act }) },
    guards: [
      { name: claimGuard(transfer), add: 1n, most: 1n, refusal },
      // Of items that were assigned before there were claims.
      { name: suspenseGuard(transfer), add: 0n, most: 0n, refusal },
    ],
    entries: [],
  });
  if (outcome.state === 'mismatch') throw new Error(`the key of ${row.id} was used for something else`);
  return outcome.state === 'refused' ? { failed: outcome.refusal } : { result: { reference } };
}
