import { Command, Option } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { noteNextPage } from '../next-page.ts';
import { table } from '../show/blocks.ts';

export type Options = { state?: 'open' | 'closed'; cursor?: string };

/** `okpay support list`: your cases, newest first. */
export function listCasesCommand(run: Run<Options> = listCases) {
  const command = new Command()
    .addOption(new Option('--state <state>', 'only these').choices(['open', 'closed']))
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listCases(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-cases', options);
  await context.show.answer(answer, (pen) => [
    table(
      ['Case', 'Opened', 'State', 'About'],
      answer.cases.map(({ id, openedAt, state, title }) => [
        id,
        pen.shortTime(openedAt),
        state === 'open' ? pen.good(state) : pen.dim(state),
        pen.text(title, 100),
      ]),
      'You have no cases. To ask for help: okpay support open',
    ),
  ]);
  noteNextPage(context, { words: 'okpay support list', flags: options }, answer.nextCursor);
}
