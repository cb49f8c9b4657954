import { Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { pageSize } from '../../page-size.ts';
import { staffCasesTable } from '../../show/cases.ts';

export type Options = {
  state: 'open' | 'closed' | 'all';
  mine?: boolean;
  assignee?: string;
  limit: number;
  cursor?: string;
};

/** `okpay admin case list`: the cases that wait, newest first. */
export function listStaffCasesCommand(run: Run<Options> = listStaffCases) {
  const command = new Command()
    .addOption(new Option('--state <state>', 'which').choices(['open', 'closed', 'all']).default('open'))
    .option('--mine', 'only those given to you')
    .addOption(
      new Option('--assignee <id>', 'only those given to this member of staff: usr_…').conflicts('mine'),
    )
    .option('--limit <number>', 'how many at most', pageSize, 50)
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function listStaffCases(context: Context, options: Options): Promise<void> {
  const { state, mine, assignee, limit, cursor } = options;
  const to = mine ? 'me' : assignee;
  const client = await context.client();
  const answer = await client.call('list-staff-cases', {
    limit,
    ...(state === 'all' ? {} : { state }),
    ...(to === undefined ? {} : { assignee: to }),
    ...(cursor === undefined ? {} : { cursor }),
  });
  await context.show.answer(answer, (pen) => [staffCasesTable(answer.cases, pen)]);
  noteNextPage(context, { words: 'okpay admin case list', flags: options }, answer.nextCursor);
}
