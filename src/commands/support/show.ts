import { Command } from 'commander';
import { sameFor, type Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { messageBlocks } from '../show/messages.ts';

export type Options = { case: string };

/** `okpay support show CASE`: one of your cases, with all that was written. */
export function showCaseCommand(run: Run<Options> = showCase) {
  return declare(new Command().argument('<case>', 'the case, as `okpay support list` shows it'), run);
}

async function showCase(context: Context, { case: id }: Options): Promise<void> {
  const client = await context.client();
  const found = await client.call('get-case', { case: id });
  await context.show.answer(found, (pen) => [
    facts(
      ['Case', found.id],
      ['About', pen.strong(pen.text(found.title))],
      ['State', found.state],
      ['Opened', pen.time(found.openedAt)],
      ['Closed', found.closedAt && pen.time(found.closedAt)],
    ),
    ...found.messages.flatMap((message) =>
      messageBlocks(message, message.from === 'support' ? 'OKpay support' : 'You', pen),
    ),
    '',
    `To answer: ${pen.strong(sameFor(`okpay support reply ${found.id}`, context.flags))}`,
  ]);
}
