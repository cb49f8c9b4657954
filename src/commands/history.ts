import { Command, Option } from 'commander';
import type { Input, Output } from '../core/contract/operations.ts';
import type { Context } from './context.ts';
import { readDay } from './day.ts';
import { declare, type Run } from './declare.ts';
import { noteNextPage } from './next-page.ts';
import { pageSize } from './page-size.ts';
import { table, type Column } from './show/blocks.ts';
import { isZero } from './show/payment.ts';
import type { Pen } from './show/pen.ts';

export type Options = Omit<Input<'list-transfers'>, 'direction' | 'limit'> & {
  in?: boolean;
  out?: boolean;
  limit: number;
};
type Transfer = Output<'list-transfers'>['transfers'][number];

/** Below this many columns the id of a transfer goes under its words. */
const WIDE = 110;

/** `okpay history`: what came in and went out, newest first. */
export function historyCommand(run: Run<Options> = history) {
  const command = new Command()
    .option('--currency <code>', 'only this currency, such as EUR')
    .option('--in', 'only what came in')
    .addOption(new Option('--out', 'only what went out').conflicts('in'))
    .addOption(
      new Option('--kind <kind>', 'only this kind').choices([
        'transfer',
        'conversion',
        'deposit',
        'assignment',
        'adjustment',
        'reversal',
        'withdrawal',
        'return',
        'fee-refund',
      ]),
    )
    .option('--with <who>', 'only with this person: an e-mail address or a payee')
    .option('--since <day>', 'from this day or RFC 3339 time on')
    .option('--until <day>', 'to the end of this day, or until this RFC 3339 time')
    .option('--limit <number>', 'how many at most', pageSize, 20)
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(command, run);
}

async function history(context: Context, options: Options): Promise<void> {
  const { in: onlyIn, out: onlyOut, since, until, ...rest } = options;
  const input = {
    ...rest,
    ...(onlyIn ? { direction: 'in' as const } : {}),
    ...(onlyOut ? { direction: 'out' as const } : {}),
    ...(since === undefined ? {} : { since: readDay(since, '--since') }),
    ...(until === undefined ? {} : { until: readDay(until, '--until', true) }),
  };
  const client = await context.client();
  const answer = await client.call('list-transfers', input);
  const { width } = context.io;
  const [columns, cells] = width >= WIDE || width < 60 ? FULL : NARROW;
  await context.show.answer(answer, (pen) => [
    table(
      columns,
      answer.transfers.map((each) => cells(each, pen)),
      EMPTY,
    ),
  ]);
  noteNextPage(context, { words: 'okpay history', flags: options }, answer.nextCursor);
}

type Layout = readonly [
  columns: readonly (string | Column)[],
  cells: (transfer: Transfer, pen: Pen) => string[],
];

const EMPTY = 'Nothing here.';
const FULL: Layout = [
  [
    'When',
    'What',
    { title: 'Amount', align: 'right' },
    'Of it fee',
    { title: 'Balance after', align: 'right' },
    'Transfer',
  ],
  (each, pen) => [
    pen.shortTime(each.at),
    wordsFor(each, pen),
    amountOf(each, pen),
    feeOf(each, pen),
    each.balanceAfter ? pen.money(each.balanceAfter) : '',
    pen.text(each.id),
  ],
];
const NARROW: Layout = [
  ['When', 'What', { title: 'Amount', align: 'right' }, { title: 'Balance after', align: 'right' }],
  (each, pen) => [
    pen.shortTime(each.at),
    `${wordsFor(each, pen)}${feeOf(each, pen) && `, fee ${feeOf(each, pen)}`} ${pen.dim(pen.text(each.id))}`,
    amountOf(each, pen),
    each.balanceAfter ? pen.money(each.balanceAfter) : '',
  ],
];

/** `to Bob Example`, `from Ann Example`, `deposit`: which way, and who was at the other end. */
function wordsFor({ kind, direction, from, to }: Transfer, pen: Pen): string {
  if (kind !== 'transfer') return pen.text(kind);
  return direction === 'in' ? `from ${pen.text(from.name, 40)}` : `to ${pen.text(to.name, 40)}`;
}

/** What it did to the balance, with its sign: all that was paid, or what was received. */
function amountOf({ direction, paid, received }: Transfer, pen: Pen): string {
  return direction === 'in' ? pen.good(`+${pen.money(received)}`) : `-${pen.money(paid)}`;
}

/** The fee that was paid on top, by who looks. */
function feeOf({ direction, fee }: Transfer, pen: Pen): string {
  return direction === 'out' && !isZero(fee) ? pen.money(fee) : '';
}
