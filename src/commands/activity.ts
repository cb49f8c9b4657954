import { Command, Option } from 'commander';
import { ACTIVITY_KINDS } from '../core/contract/actions.ts';
import type { Input, Output } from '../core/contract/operations.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { noteNextPage } from './next-page.ts';
import { pageSize } from './page-size.ts';
import { table } from './show/blocks.ts';
import type { Pen } from './show/pen.ts';

export type Options = Omit<Input<'list-activity'>, 'limit'> & { limit: number };
type Line = Output<'list-activity'>['activity'][number];

/** `okpay activity`: what happened around your account, newest first. */
export function activityCommand(run: Run<Options> = activity) {
  const command = new Command()
    .addOption(new Option('--kind <kind>', 'only this kind').choices(ACTIVITY_KINDS))
    .option('--limit <number>', 'how many at most', pageSize, 20)
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function activity(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-activity', options);
  await context.show.answer(answer, (pen) => [
    table(
      ['When', 'What happened', 'Device', 'Network'],
      answer.activity.map((each) => [
        pen.shortTime(each.at),
        wordsFor(each, pen),
        each.device === undefined ? '' : pen.text(each.device, 40),
        each.network === undefined ? '' : pen.text(each.network),
      ]),
      'Nothing here.',
    ),
  ]);
  noteNextPage(context, { words: 'okpay activity', flags: options }, answer.nextCursor);
}

/** `A session was ended (on: phone)`: what is bad stands out. */
function wordsFor({ text, kind, facts }: Line, pen: Pen): string {
  const told = Object.entries(facts).map(([name, value]) => `${pen.text(name)}: ${pen.text(value, 40)}`);
  const words = `${pen.text(text)}${told.length === 0 ? '' : ` (${told.join(', ')})`}`;
  return kind === 'refused' || kind === 'staff' ? pen.warn(words) : words;
}
