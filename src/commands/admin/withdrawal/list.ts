import { Command, Option } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { table } from '../../show/blocks.ts';
import { WITHDRAWAL_STATES } from '../../withdrawal-states.ts';

export type Options = {
  state?: NonNullable<Input<'list-staff-withdrawals'>['state']>;
  batch?: string;
  cursor?: string;
};

/** `okpay admin withdrawal list`: withdrawals of all holders, newest first. */
export function listStaffWithdrawalsCommand(run: Run<Options> = listStaffWithdrawals) {
  const command = new Command()
    .addOption(new Option('--state <state>', 'only what is in this state').choices(WITHDRAWAL_STATES))
    .option('--batch <batch>', 'only what is in this batch')
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listStaffWithdrawals(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-staff-withdrawals', options);
  await context.show.answer(answer, (pen) => [
    table(
      ['Withdrawal', 'When', 'State', 'Holder', 'To', { title: 'Amount', align: 'right' }],
      answer.withdrawals.map((each) => [
        pen.text(each.id),
        pen.shortTime(each.requestedAt),
        each.state,
        pen.text(each.holder.name, 60),
        pen.text(each.to, 80),
        pen.money(each.amount),
      ]),
      'There are none.',
    ),
  ]);
  noteNextPage(context, { words: 'okpay admin withdrawal list', flags: options }, answer.nextCursor);
}
