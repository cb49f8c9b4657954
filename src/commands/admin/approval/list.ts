import { Command, Option } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { table } from '../../show/blocks.ts';
import { showParty } from '../../show/payment.ts';

export type Options = { state?: NonNullable<Input<'list-approvals'>['state']>; cursor?: string };

const STATES = ['asked', 'approved', 'running', 'refused', 'done', 'failed', 'expired', 'stopped'];

/** `okpay admin approval list`: what waits for a second person, and what came of the rest. */
export function listApprovalsCommand(run: Run<Options> = listApprovals) {
  const command = new Command()
    .addOption(new Option('--state <state>', 'only what is in this state').choices(STATES))
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listApprovals(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-approvals', options);
  await context.show.answer(answer, (pen) => [
    table(
      ['Approval', 'Act', 'Holder', 'State', 'Asked at', 'Asked by', 'Reason'],
      answer.approvals.map((each) => [
        pen.text(each.id),
        each.act,
        showParty(each.holder, pen),
        each.state,
        pen.time(each.askedAt),
        pen.text(each.askedBy),
        pen.text(each.reason, 80),
      ]),
      'Nothing waits.',
    ),
  ]);
  noteNextPage(context, { words: 'okpay admin approval list', flags: options }, answer.nextCursor);
}
