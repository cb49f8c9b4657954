import { Command } from 'commander';
import { sameFor, type Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { facts, table } from '../../show/blocks.ts';
import { transferFacts } from '../../show/payment.ts';
import { fieldName } from '../../show/field-name.ts';

export type Options = ReasonOptions & { transfer: string };

/** `okpay admin transfer show TRANSFER`: any transfer, with its entries. */
export function showAnyTransferCommand(run: Run<Options> = showAnyTransfer) {
  return declare(withReason(new Command().argument('<transfer>', 'the transfer: trf_…')), run);
}

async function showAnyTransfer(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const view = await client.call('look-at-transfer', { transfer: options.transfer, reason });
  await context.show.answer(view, (pen) => [
    facts(
      ...transferFacts(view.transfer, pen),
      ['Made by', pen.text(view.initiator.name, 60)],
      ...Object.entries(view.details).map(
        ([name, value]) => [fieldName(pen.text(name)), pen.text(value)] as const,
      ),
    ),
    '',
    table(
      [
        'Account',
        'Entry',
        { title: 'Amount', align: 'right' },
        { title: 'Before', align: 'right' },
        { title: 'After', align: 'right' },
      ],
      view.entries.map(({ account, number, amount, balanceBefore, balanceAfter }) => [
        pen.text(account.name, 60),
        String(number),
        pen.strong(pen.money(amount)),
        pen.money(balanceBefore),
        pen.money(balanceAfter),
      ]),
      '',
    ),
    '',
    `Where its money came from and went: ${pen.strong(sameFor(`okpay admin transfer trace ${view.transfer.id}`, context.flags))}`,
  ]);
}
