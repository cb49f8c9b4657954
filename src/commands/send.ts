import { Command, Option } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { withPayFlags, payQuote, type PayOptions } from './pay-quote.ts';
import { withPaymentWords } from './payment-words.ts';
import { readSendWords, type SendWords } from './send-words.ts';

export type Options = SendWords & PayOptions;

/** `okpay send TO AMOUNT CURRENCY`: shows what it costs, asks, and pays exactly that, once. */
export function sendCommand(run: Run<Options> = send) {
  const command = withPaymentWords(new Command())
    .description(
      'Pays somebody: shows what it costs, asks, and pays exactly that, once. When it was interrupted, type it again: you are told what came of it, and nothing is paid twice.',
    )
    .addOption(
      new Option('--quote <id>', 'pay this quote; it says who, what and the fee').conflicts('feeFrom'),
    )
    .option('--note <text>', 'a line for the recipient');
  return declare(withPayFlags(command), run);
}

function send(context: Context, options: Options): Promise<void> {
  return payQuote(context, readSendWords(options), options);
}
