import { Command, Option } from 'commander';
import type { Input, Output } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { readDay } from '../../day.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { pageSize } from '../../page-size.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import type { Block } from '../../show/blocks.ts';
import type { Pen } from '../../show/pen.ts';
import { storyBlocks } from '../../show/story.ts';

export type Options = ReasonOptions & {
  holder: string;
  kind?: NonNullable<Input<'look-at-timeline'>['kind']>;
  asOf?: string;
  since?: string;
  until?: string;
  limit: number;
  cursor?: string;
};

const KINDS = ['login', 'change', 'transfer', 'withdrawal', 'restriction', 'mail', 'staff', 'note', 'case'];

/** `okpay admin account timeline HOLDER`: all that happened to an account, as one story. */
export function accountTimelineCommand(run: Run<Options> = accountTimeline) {
  const command = new Command()
    .argument('<holder>', 'an id, e-mail address or phone number')
    .addOption(new Option('--kind <kind>', 'only this kind; staff: all that staff did').choices(KINDS))
    .option('--as-of <time>', 'end at this day or RFC 3339 time, and show how the account stood then')
    .option('--since <day>', 'from this day or RFC 3339 time on')
    .option('--until <day>', 'to the end of this day, or until this RFC 3339 time')
    .option('--limit <number>', 'how many at most', pageSize, 50)
    .option('--cursor <cursor>', 'the page before the one that named this cursor');
  return declare(withReason(command), run);
}

async function accountTimeline(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const { asOf, since, until, ...rest } = options;
  const client = await context.client();
  const answer = await client.call('look-at-timeline', {
    ...rest,
    reason,
    ...(asOf === undefined ? {} : { asOf: readDay(asOf, '--as-of', true) }),
    ...(since === undefined ? {} : { since: readDay(since, '--since') }),
    ...(until === undefined ? {} : { until: readDay(until, '--until', true) }),
  });
  const { width } = context.io;
  await context.show.answer(answer, (pen) => [
    ...headBlocks(answer, pen),
    ...storyBlocks(answer.events, pen, width),
    ...(answer.events.length === 0 ? ['', 'Nothing happened here.'] : []),
  ]);
  const { holder, ...flags } = { ...options, reason };
  const command = { words: 'okpay admin account timeline', args: [holder], flags };
  noteNextPage(context, command, answer.nextCursor, 'What happened before');
}

function headBlocks({ holder, asOf }: Output<'look-at-timeline'>, pen: Pen): Block[] {
  const who = [
    pen.strong(pen.text(holder.name)),
    pen.text(holder.email, 254),
    holder.phone && pen.text(holder.phone),
  ];
  return [
    `${who.filter((text) => text !== undefined).join('  ')}  ${pen.dim(holder.id)}`,
    asOf && `As of ${pen.time(asOf.at)}: ${standing(asOf, pen)}`,
  ];
}

function standing(
  { balances, restrictions }: NonNullable<Output<'look-at-timeline'>['asOf']>,
  pen: Pen,
): string {
  const money = balances.map((balance) => pen.strong(pen.money(balance)));
  const cannot = restrictions.map(({ capability }) => pen.text(capability));
  return `${money.length === 0 ? 'no money' : money.join(', ')}${cannot.length === 0 ? '' : pen.bad(`; may not ${cannot.join(', ')}`)}.`;
}
