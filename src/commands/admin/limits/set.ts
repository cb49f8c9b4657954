import { Argument, Command } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { parseAmount, parseCurrency, toWire } from '../../../core/money.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { levelTable } from '../../show/limit.ts';

type SetLimit = Input<'set-limit'>;

export type Options = ReasonOptions & {
  level: string;
  direction: SetLimit['direction'];
  per: SetLimit['per'];
  amount?: string;
  currency?: string;
  none?: boolean;
};

/** `okpay admin limits set LEVEL DIRECTION PER AMOUNT [CURRENCY]`: how much holders of a level may move. */
export function setLimitCommand(run: Run<Options> = setLimit) {
  const command = new Command()
    .argument('<level>', 'such as basic, where every account begins; one that is not there is made')
    .addArgument(new Argument('<direction>', 'what is limited').choices(['in', 'out', 'convert', 'withdraw']))
    .addArgument(
      new Argument('<per>', 'in one payment, or by the calendar of UTC').choices(['payment', 'day', 'month']),
    )
    .argument('[amount]', 'plain digits with a point, such as 1000.00')
    .argument('[currency]', 'what it is counted in; EUR when not given')
    .option('--none', 'without an amount: there is no such limit any more');
  return declare(withReason(command), run);
}

async function setLimit(context: Context, options: Options): Promise<void> {
  const { level, direction, per } = options;
  const most = readMost(options);
  const reason = await readReason(context, options);
  const client = await context.client();
  const answer = await client.call('set-limit', {
    level,
    direction,
    per,
    reason,
    ...(most === undefined ? {} : { most }),
  });
  await context.show.answer(answer, (pen) => ['From now on it is so:', levelTable([answer], pen)]);
}

function readMost({ amount, currency = 'EUR', none }: Options): SetLimit['most'] {
  if ((none === true) === (amount === undefined)) {
    if (amount === undefined) return undefined;
    const { minor, currency: code } = parseAmount(amount, parseCurrency(currency));
    return toWire(minor, code);
  }
  throw new Refusal('usage_invalid', {
    reason: none ? 'With --none say no amount.' : 'Say how much at most, such as 1000.00 EUR, or --none.',
  });
}
