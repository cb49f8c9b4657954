import { Command, Option } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { basisPointsOf } from '../../percent.ts';
import { facts } from '../../show/blocks.ts';

export type Options = {
  kind: Input<'set-fee'>['kind'];
  currency: string;
  percent: string;
  fixed?: string;
  minimum?: string;
  maximum?: string;
  from?: string;
};

/** `okpay admin fees set KIND CURRENCY`: adds a version of a fee rule, in force now or later. */
export function setFeeCommand(run: Run<Options> = setFee) {
  const command = new Command()
    .argument('<kind>', 'transfer, conversion, merchant or withdrawal')
    .argument('<currency>', 'such as EUR')
    .addOption(new Option('--percent <number>', 'share of the amount, at most two decimals').default('0'))
    .option('--fixed <amount>', 'added to the percentage')
    .option('--minimum <amount>', 'never less than this')
    .option('--maximum <amount>', 'never more than this')
    .option('--from <time>', 'RFC 3339 time from which it holds; now when not given');
  return declare(command, run);
}

async function setFee(context: Context, options: Options): Promise<void> {
  const { kind, currency, fixed, minimum, maximum, from } = options;
  const client = await context.client();
  const rule = await client.call('set-fee', {
    kind,
    currency,
    basisPoints: basisPointsOf(options.percent, '--percent'),
    ...(fixed === undefined ? {} : { fixed }),
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(from === undefined ? {} : { effectiveFrom: from }),
  });
  await context.show.answer(rule, (pen) => [
    `A new version of the ${rule.kind} fee in ${rule.currency} was added.`,
    facts(
      ['Percentage', `${options.percent} %`],
      ['Fixed', pen.money(rule.fixed)],
      ['At least', pen.money(rule.minimum)],
      ['At most', rule.maximum && pen.money(rule.maximum)],
      ['In force from', pen.time(rule.effectiveFrom)],
      ['Rule', rule.id],
    ),
  ]);
}
