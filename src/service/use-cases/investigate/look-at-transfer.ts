import { Refusal } from '../../../core/contract/refusals.ts';
import { toWire } from '../../../core/money.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { detailsForStaff, labelOf, showToStaff } from '../../investigate/show-to-staff.ts';
import { entriesOfTransfer, transferById } from '../../ledger/read.ts';
import { colleaguesOf } from '../../support/colleagues.ts';
import type { UseCase } from '../use-case.ts';

/** Any transfer, with its entries. Both its holders get a record of it. Throws `not_found`. */
export const lookAtTransfer: UseCase<'look-at-transfer'> = async (deps, actor, input) => {
  const row = await transferById(deps.engine, input.transfer);
  if (!row) throw new Refusal('not_found', { thing: 'transfer', id: input.transfer });
  const [entries, colleague] = await Promise.all([
    entriesOfTransfer(deps.engine, row.id),
    colleaguesOf(deps.engine, [row.initiator]),
  ]);
  await recordLooks(
    deps,
    actor,
    looksAt([row.fromOwner, row.toOwner], {
      action: 'transfer-looked-at',
      object: row.id,
      reason: input.reason,
    }),
  );
  return {
    transfer: showToStaff(row, ''),
    initiator: colleague(row.initiator),
    details: detailsForStaff(row.details),
    entries: entries.map(({ seq, amount, before, after, currency, ...account }) => ({
      account: labelOf(account),
      number: Number(seq),
      amount: toWire(amount, currency),
      balanceBefore: toWire(before, currency),
      balanceAfter: toWire(after, currency),
    })),
  };
};
