import type { Output } from '../../core/contract/operations.ts';
import { facts, table, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';
import { movesTable } from './withdrawal.ts';

type Withdrawal = Output<'look-at-withdrawal'>;
type Batch = Output<'batch-withdrawals'>['batches'][number];

/** A withdrawal whole, for staff. */
export function staffWithdrawalBlocks(withdrawal: Withdrawal, pen: Pen): Block[] {
  const { id, state, holder, to, amount, fee, approval, batch, endToEndId } = withdrawal;
  const { transfer, returnedBy, feeRefund } = withdrawal;
  return [
    facts(
      ['Withdrawal', pen.text(id)],
      ['State', pen.strong(state)],
      ['Holder', `${pen.text(holder.name, 100)} (${pen.text(holder.id)})`],
      ['To', pen.text(to, 120)],
      ['Amount', pen.money(amount)],
      ['Fee', pen.money(fee)],
      ['Approval', approval && pen.text(approval)],
      ['Batch', batch && pen.text(batch)],
      ['EndToEndId', pen.text(endToEndId)],
      ['Paid by', transfer && pen.text(transfer)],
      ['Came back by', returnedBy && pen.text(returnedBy)],
      ['Fee given back by', feeRefund && pen.text(feeRefund)],
    ),
    movesTable(withdrawal.moves, pen),
    ...(state === 'requested'
      ? [
          `Next, by somebody else: ${pen.strong(`okpay admin withdrawal approve ${pen.text(id)} --reason TEXT`)}`,
        ]
      : []),
  ];
}

/** Batches, with the files they become. */
export function batchesTable(batches: readonly Batch[], none: string, pen: Pen): Block {
  return table(
    [
      'Batch',
      'Made at',
      'From',
      { title: 'Payments', align: 'right' },
      { title: 'Total', align: 'right' },
      'File',
    ],
    batches.map((batch) => [
      pen.text(batch.id),
      pen.shortTime(batch.madeAt),
      pen.text(batch.iban),
      String(batch.payments),
      pen.money(batch.total),
      pen.text(batch.fileName, 80),
    ]),
    none,
  );
}
