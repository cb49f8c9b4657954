import { Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { table } from './show/blocks.ts';
import { directionWords } from './show/limit.ts';

export type Options = object;

/** `okpay limits`: how much may be moved, what is left of it, and when it begins anew. */
export function limitsCommand(run: Run<Options> = limits) {
  return declare(new Command(), run);
}

async function limits(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('get-limits', {});
  await context.show.answer(answer, (pen) => [
    `Your account is at the level ${pen.strong(pen.text(answer.level))}.`,
    answer.limits.length === 0 ? undefined : '',
    table(
      [
        'What',
        'In one',
        { title: 'At most', align: 'right' },
        { title: 'Used', align: 'right' },
        { title: 'Left', align: 'right' },
        'Begins anew',
      ],
      answer.limits.map(({ direction, per, most, used, left, resetsAt }) => [
        directionWords(direction),
        per,
        pen.money(most),
        used === undefined ? '' : pen.money(used),
        left === undefined ? '' : pen.strong(pen.money(left)),
        resetsAt === undefined ? '' : pen.time(resetsAt),
      ]),
      'It has no limits.',
    ),
    answer.limits.length === 0
      ? undefined
      : pen.dim(
          'Fees count. Days and months are those of UTC; other currencies count by the rate of the moment.',
        ),
  ]);
}
