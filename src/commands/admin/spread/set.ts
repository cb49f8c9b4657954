import { Command } from 'commander';
import { parseCurrency } from '../../../core/money.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { basisPointsOf } from '../../percent.ts';
import { facts } from '../../show/blocks.ts';
import { percentText } from '../../show/payment.ts';

export type Options = { percent: string; between?: string[]; startsAt?: string };

/** `okpay admin spread set PERCENT`: adds a version of what is kept when money is changed, in force now or later. */
export function setSpreadCommand(run: Run<Options> = setSpread) {
  const command = new Command()
    .description(
      'Adds a version of what is kept of the middle of the market when money is changed: for one pair of currencies, in both directions, or for all pairs that have none of their own.',
    )
    .argument('<percent>', 'at most 50, with at most two decimals, such as 0.50')
    .option('--between <currencies...>', 'two currencies, such as EUR USD')
    .option('--starts-at <time>', 'RFC 3339 time from which it holds; now when not given');
  return declare(command, run);
}

async function setSpread(context: Context, { percent, between, startsAt }: Options): Promise<void> {
  const input = {
    basisPoints: basisPointsOf(percent, 'The spread'),
    ...(between === undefined ? {} : { between: between.map(parseCurrency) }),
    ...(startsAt === undefined ? {} : { effectiveFrom: startsAt }),
  };
  const client = await context.client();
  const spread = await client.call('set-spread', input);
  await context.show.answer(spread, (pen) => [
    'A new version of the spread was added.',
    facts(
      ['Between', spread.between ? spread.between.map((each) => pen.text(each)).join(' and ') : 'all others'],
      ['Spread', percentText(spread.basisPoints)],
      ['In force from', pen.time(spread.effectiveFrom)],
      ['Spread id', pen.text(spread.id)],
    ),
  ]);
}
