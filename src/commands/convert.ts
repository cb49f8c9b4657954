import { Command, Option } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { payQuote, withPayFlags, type PayOptions } from './pay-quote.ts';
import { checkKey, readConversion, type ConversionWords, type SendRequest } from './send-words.ts';

export type Options = ConversionWords &
  PayOptions & { quote?: string; maxFee?: string; idempotencyKey?: string };

/** `okpay convert AMOUNT CURRENCY INTO`: changes money of one's own into another currency, exactly as it was shown, once. */
export function convertCommand(run: Run<Options> = convert) {
  const command = new Command()
    .description(
      'Changes money of yours into another currency: shows the rate, each fee and what all of it costs against the middle of the market, asks, and does exactly that, once. When it was interrupted, type it again.',
    )
    .argument('[amount]', 'plain digits with a point, such as 12.50')
    .argument('[currency]', 'of the amount: an ISO 4217 code, such as EUR')
    .argument('[into]', 'into which currency, such as USD')
    .addOption(
      new Option('--from <code>', 'the amount is what you get, and this currency pays for it').conflicts(
        'quote',
      ),
    )
    .option('--quote <id>', 'do what this quote says');
  return declare(withPayFlags(command), run);
}

function convert(context: Context, options: Options): Promise<void> {
  return payQuote(context, readRequest(options), options);
}

function readRequest(options: Options): SendRequest {
  const { quote, amount, idempotencyKey, maxFee } = options;
  const key = checkKey(idempotencyKey);
  const question = { message: 'Change it?', flag: '--yes' };
  if (quote === undefined) return { what: readConversion(options), note: undefined, key, maxFee, question };
  if (amount === undefined) return { what: { quote }, note: undefined, key, maxFee, question };
  throw new Refusal('usage_invalid', {
    reason: 'A quote says how much of what is changed: give --quote alone, or an amount and two currencies.',
  });
}
