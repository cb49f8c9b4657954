import { Command, Option } from 'commander';
import type { Input } from '../../core/contract/operations.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { noteNextPage } from '../next-page.ts';
import { table } from '../show/blocks.ts';
import { bankText } from '../show/withdrawal.ts';
import { WITHDRAWAL_STATES } from '../withdrawal-states.ts';

export type Options = { state?: NonNullable<Input<'list-withdrawals'>['state']>; cursor?: string };

/** `okpay withdraw list`: your withdrawals, newest first. */
export function listWithdrawalsCommand(run: Run<Options> = listWithdrawals) {
  const command = new Command()
    .addOption(new Option('--state <state>', 'only what is in this state').choices(WITHDRAWAL_STATES))
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listWithdrawals(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-withdrawals', options);
  await context.show.answer(answer, (pen) => [
    table(
      [
        'Withdrawal',
        'When',
        'State',
        'To',
        { title: 'Amount', align: 'right' },
        { title: 'Fee', align: 'right' },
      ],
      answer.withdrawals.map((each) => [
        pen.text(each.id),
        pen.shortTime(each.requestedAt),
        each.state,
        bankText(each.to, pen),
        pen.money(each.amount),
        pen.money(each.fee),
      ]),
      'Nothing was withdrawn yet. To begin: okpay withdraw AMOUNT CURRENCY',
    ),
  ]);
  noteNextPage(context, { words: 'okpay withdraw list', flags: options }, answer.nextCursor);
}
