import { Command } from 'commander';
import type { Input } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { formatMinor, parseAmount, parseCurrency } from '../../core/money.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { amount?: string; currency?: string; none?: boolean };

/** `okpay limit confirm AMOUNT CURRENCY`: above this a payment asks for a code of the second factor. */
export function confirmLimitCommand(run: Run<Options> = confirmLimit) {
  const command = new Command()
    .description(
      'Sets the amount above which a payment asks for a code of the second factor, for each currency. Takes a code itself.',
    )
    .argument('[amount]', 'plain digits with a point, such as 100.00; 0 asks for every payment')
    .argument('[currency]', 'an ISO 4217 code, such as EUR')
    .option('--none', 'no payment in this currency asks any more: okpay limit confirm --none EUR');
  return declare(command, run);
}

async function confirmLimit(context: Context, options: Options): Promise<void> {
  const input = readLimit(options);
  const client = await context.client();
  const answer = await client.call('set-confirmation-limit', input);
  await context.show.answer(answer, (pen) => [
    answer.above
      ? `From now on a payment of more than ${pen.strong(pen.money(answer.above))} asks for a code.`
      : `From now on no payment in ${pen.text(answer.currency)} asks for a code.`,
  ]);
}

function readLimit({ amount, currency, none }: Options): Input<'set-confirmation-limit'> {
  if (none) {
    if (amount === undefined || currency !== undefined)
      throw new Refusal('usage_invalid', { reason: 'With --none say only the currency: --none EUR.' });
    return { currency: parseCurrency(amount) };
  }
  if (amount === undefined || currency === undefined)
    throw new Refusal('usage_invalid', {
      reason: 'Say above which amount, and in which currency: 100.00 EUR.',
    });
  const code = parseCurrency(currency);
  return { currency: code, above: formatMinor(parseAmount(amount, code).minor, code) };
}
