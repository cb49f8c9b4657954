import { Command } from 'commander';
import type { Output } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { table } from '../../show/blocks.ts';
import type { Pen } from '../../show/pen.ts';

export type Options = Record<string, never>;
type Rate = Output<'list-rates'>['rates'][number];

/** `okpay admin rates list`: the rates in force, and how old they are. */
export function listRatesCommand(run: Run<Options> = listRates) {
  return declare(new Command(), run);
}

async function listRates(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-rates', {});
  await context.show.answer(answer, (pen) => [
    table(
      ['Currency', { title: 'For 1 EUR', align: 'right' }, 'Of', 'Good until', 'State', 'Source'],
      answer.rates.map((each) => [
        pen.text(each.currency),
        pen.text(each.rate),
        pen.shortTime(each.at),
        pen.shortTime(each.goodUntil),
        stateText(each.state, pen),
        pen.text(each.source),
      ]),
      'No rates yet. To take them in: okpay admin rates import FILE',
    ),
  ]);
}

function stateText(state: Rate['state'], pen: Pen): string {
  if (state === 'good') return pen.good('good');
  return state === 'stale' ? pen.warn('too old') : pen.bad('doubted');
}
