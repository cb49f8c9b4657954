import { Command } from 'commander';
import { sameFor, type Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { withReason, workOn, type ReasonOptions } from '../../reason.ts';
import { facts } from '../../show/blocks.ts';
import { messageBlocks } from '../../show/messages.ts';

export type Options = ReasonOptions & { case: string };

/** `okpay admin case show CASE`: a case with all that was written. */
export function showStaffCaseCommand(run: Run<Options> = showStaffCase) {
  return declare(withReason(new Command().argument('<case>', 'the case: cas_…')), run);
}

async function showStaffCase(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const found = await client.call('look-at-case', { case: options.case, reason: workOn(options) });
  const { holder, assignedTo, closedAt, closeReason } = found;
  await context.show.answer(found, (pen) => [
    facts(
      ['Case', found.id],
      ['About', pen.strong(pen.text(found.title))],
      ['Holder', `${pen.text(holder.name)} (${pen.text(holder.email, 254)})  ${pen.dim(holder.id)}`],
      ['State', found.state],
      ['With', assignedTo ? pen.text(assignedTo.name, 60) : pen.warn('nobody')],
      ['Opened', `${pen.time(found.openedAt)}${found.openedByStaff ? ', by staff' : ''}`],
      ['Closed', closedAt && pen.time(closedAt)],
      ['Why closed', closeReason && pen.text(closeReason)],
    ),
    ...found.messages.flatMap((message) =>
      messageBlocks(
        message,
        `${pen.text(message.author, 60)} ${message.from === 'support' ? '(staff)' : '(holder)'}`,
        pen,
      ),
    ),
    '',
    `To answer: ${pen.strong(sameFor(`okpay admin case reply ${found.id}`, context.flags))}`,
  ]);
}
