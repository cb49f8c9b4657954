import { Command, Option } from 'commander';
import type { Input, Output } from '../core/contract/operations.ts';
import type { WireMoney } from '../core/money.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { table } from './show/blocks.ts';
import type { Pen } from './show/pen.ts';

export type Options = Input<'list-fees'>;
type FeeRule = Output<'list-fees'>['fees'][number];

/** `okpay fees`: the fee schedule in force. */
export function feesCommand(run: Run<Options> = fees) {
  const command = new Command()
    .addOption(
      new Option('--kind <kind>', 'only this kind of payment').choices([
        'transfer',
        'conversion',
        'merchant',
        'withdrawal',
      ]),
    )
    .option('--currency <code>', 'only this currency, such as EUR');
  return declare(command, run);
}

async function fees(context: Context, { kind, currency }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-fees', {
    ...(kind === undefined ? {} : { kind }),
    ...(currency === undefined ? {} : { currency }),
  });
  await context.show.answer(answer, (pen) => [
    table(
      [
        'Payment',
        'Currency',
        { title: 'Fee', align: 'right' },
        { title: 'At least', align: 'right' },
        { title: 'At most', align: 'right' },
        'In force since',
      ],
      answer.fees.map((rule) => [
        pen.text(rule.kind),
        pen.text(rule.currency),
        feeText(rule, pen),
        isZero(rule.minimum) ? '' : pen.money(rule.minimum),
        rule.maximum ? pen.money(rule.maximum) : '',
        rule.effectiveFrom.startsWith('1970-') ? 'always' : pen.shortTime(rule.effectiveFrom),
      ]),
      'Payments are free: no fee rule is in force.',
    ),
    answer.note === '' ? undefined : pen.dim(pen.text(answer.note, 500)),
  ]);
}

/** `1.25 % + 0.10 EUR`, from hundredths of a percent; a part that is nothing is left out. */
function feeText(rule: FeeRule, pen: Pen): string {
  const hundredths = String(rule.basisPoints % 100).padStart(2, '0');
  const parts = [
    ...(rule.basisPoints === 0 ? [] : [`${Math.floor(rule.basisPoints / 100)}.${hundredths} %`]),
    ...(isZero(rule.fixed) ? [] : [pen.money(rule.fixed)]),
  ];
  return parts.length === 0 ? 'free' : parts.join(' + ');
}

function isZero({ amount }: WireMoney): boolean {
  return /^[0.]+$/.test(amount);
}
