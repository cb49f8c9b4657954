import { Command } from 'commander';
import { kindOfId } from '../core/contract/ids.ts';
import type { Input } from '../core/contract/operations.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { readPayment, withPaymentWords, type PaymentWords } from './payment-words.ts';
import { priceOf } from './price-of.ts';
import { readConversion } from './send-words.ts';
import { payWith, quoteBlocks } from './show/payment.ts';

export type Options = PaymentWords;

/**
 * `okpay quote TO AMOUNT CURRENCY`: what a payment costs, bound until it expires; `okpay quote AMOUNT CURRENCY INTO` the same
 * for a conversion; `okpay quote ID` shows one again.
 */
export function quoteCommand(run: Run<Options> = quote) {
  const command = new Command().description(
    'Shows what a payment would cost, or a conversion of your own money (okpay quote 100 EUR USD), and binds that for a while.',
  );
  return declare(withPaymentWords(command, ', or the id of a quote to see again'), run);
}

async function quote(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const answer = await priceOf(client, readWhat(options));
  await context.show.answer(answer, (pen) => [
    ...quoteBlocks(answer, undefined, pen),
    answer.state === 'open' ? payWith(answer, pen) : undefined,
  ]);
}

function readWhat(options: Options): Input<'create-quote'> | Input<'get-quote'> {
  const { to, amount, currency, from, receive } = options;
  if (to !== undefined && amount === undefined && kindOfId(to) === 'quote') return { quote: to };
  // Where an amount comes first nobody is to be paid: it is changed into another currency.
  if (to === undefined || !/^[0-9][0-9.]*$/.test(to)) return readPayment(options);
  const into = currency ?? receive;
  return readConversion({
    amount: to,
    ...(amount === undefined ? {} : { currency: amount }),
    ...(into === undefined ? {} : { into }),
    ...(from === undefined ? {} : { from }),
  });
}
