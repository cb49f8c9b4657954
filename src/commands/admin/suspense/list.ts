import { Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { table } from '../../show/blocks.ts';

export type Options = { state: 'open' | 'assigned' | 'returning' | 'returned'; cursor?: string };

/** `okpay admin suspense list`: bank entries that no holder could be found for. */
export function listSuspenseCommand(run: Run<Options> = listSuspense) {
  const command = new Command()
    .addOption(
      new Option('--state <state>', 'which')
        .choices(['open', 'assigned', 'returning', 'returned'])
        .default('open'),
    )
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listSuspense(context: Context, options: Options): Promise<void> {
  const { state, cursor } = options;
  const client = await context.client();
  const answer = await client.call('list-suspense', { state, ...(cursor === undefined ? {} : { cursor }) });
  await context.show.answer(answer, (pen) => [
    table(
      [
        'Item',
        'Booked on',
        { title: 'Amount', align: 'right' },
        'From',
        'Remittance text',
        state === 'returning' ? 'Reference to return it with' : 'Why',
      ],
      answer.items.map((item) => [
        item.transfer,
        pen.text(item.bookedOn),
        `${item.direction === 'debit' ? '-' : ''}${pen.money(item.amount)}`,
        pen.text(item.counterparty, 40),
        pen.text(item.remittance, 60),
        pen.text(item.returnReference ?? item.reason, 80),
      ]),
      state === 'open' ? 'Nothing waits: every bank entry found its holder.' : 'There is nothing of it.',
    ),
    state === 'open' && answer.items.some(({ direction }) => direction === 'credit')
      ? `Next: ${pen.strong('okpay admin suspense assign ITEM --to EMAIL --reason TEXT')}`
      : undefined,
  ]);
  noteNextPage(context, { words: 'okpay admin suspense list', flags: options }, answer.nextCursor);
}
