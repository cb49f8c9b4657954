import { Command } from 'commander';
import { parseCurrency } from '../../../core/money.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readHours } from '../../good-for.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { approvalBlocks } from '../../show/approval.ts';
import { facts } from '../../show/blocks.ts';

export type Options = ReasonOptions & { currency: string; rate: string; goodFor: string };

/** `okpay admin rates set CURRENCY RATE`: sets what one euro is worth, or asks for it. */
export function setRateCommand(run: Run<Options> = setRate) {
  const command = new Command()
    .description(
      'Sets what one euro is worth in a currency, from now on. Within one percent of the last rate that more than one person answers for it holds at once; otherwise a second administrator decides.',
    )
    .argument('<currency>', 'such as KWD')
    .argument('<rate>', 'what one euro is worth in it, such as 0.3345')
    .requiredOption('--good-for <span>', 'how long prices are made of it, such as 12h or 30d');
  return declare(withReason(command), run);
}

async function setRate(context: Context, options: Options): Promise<void> {
  const currency = parseCurrency(options.currency);
  const goodForHours = readHours(options.goodFor, '--good-for');
  const reason = await readReason(context, options);
  const client = await context.client();
  const answer = await client.call('set-rate', { currency, rate: options.rate, goodForHours, reason });
  const { rate, approval } = answer;
  await context.show.answer(answer, (pen) => [
    ...(rate
      ? [
          `One euro is worth ${pen.strong(`${pen.text(rate.rate)} ${pen.text(rate.currency)}`)} from now on.`,
          facts(['Good until', pen.time(rate.goodUntil)], ['Rate', pen.text(rate.id)]),
        ]
      : []),
    ...(approval ? approvalBlocks(approval, pen) : []),
  ]);
}
