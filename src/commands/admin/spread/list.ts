import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { table } from '../../show/blocks.ts';
import { percentText } from '../../show/payment.ts';

export type Options = Record<string, never>;

/** `okpay admin spread list`: what is kept when money is changed, now and as announced. */
export function listSpreadsCommand(run: Run<Options> = listSpreads) {
  return declare(new Command(), run);
}

async function listSpreads(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-spreads', {});
  await context.show.answer(answer, (pen) => [
    table(
      ['Between', { title: 'Spread', align: 'right' }, 'In force from'],
      answer.spreads.map(({ between, basisPoints, effectiveFrom }) => [
        between ? between.map((each) => pen.text(each)).join(' and ') : 'all others',
        percentText(basisPoints),
        effectiveFrom.startsWith('1970-') ? 'always' : pen.shortTime(effectiveFrom),
      ]),
      '',
    ),
  ]);
}
