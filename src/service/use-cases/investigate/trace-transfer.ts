import { Refusal } from '../../../core/contract/refusals.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { showToStaff } from '../../investigate/show-to-staff.ts';
import { traceMoney } from '../../investigate/trace.ts';
import { transferById } from '../../ledger/read.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_DEPTH = 3;

/** Where a transfer's money came from and went to, first in, first out. All holders met get a record. Throws `not_found`. */
export const traceTransfer: UseCase<'trace-transfer'> = async (deps, actor, input) => {
  const row = await transferById(deps.engine, input.transfer);
  if (!row) throw new Refusal('not_found', { thing: 'transfer', id: input.transfer });
  const { direction = 'both', depth = DEFAULT_DEPTH, reason } = input;
  const sides = direction === 'both' ? (['from', 'to'] as const) : [direction];
  const { branches, holders } = await traceMoney(deps, row, { sides, depth });
  await recordLooks(deps, actor, looksAt(holders, { action: 'transfer-traced', object: row.id, reason }));
  return { transfer: showToStaff(row, ''), rule: 'fifo', branches };
};
