import { Command } from 'commander';
import { kindOfId } from '../core/contract/ids.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { readPayment, withPaymentWords, type PaymentWords } from './payment-words.ts';
import { priceOf } from './price-of.ts';
import { quoteBlocks } from './show/payment.ts';

export type Options = PaymentWords;

/** `okpay quote TO AMOUNT CURRENCY`: what a payment costs, bound until it expires; `okpay quote ID` shows one again. */
export function quoteCommand(run: Run<Options> = quote) {
  return declare(withPaymentWords(new Command(), ', or the id of a quote to see again'), run);
}

async function quote(context: Context, options: Options): Promise<void> {
  const { to, amount, feeFrom } = options;
  const known = to !== undefined && amount === undefined && kindOfId(to) === 'quote' ? to : undefined;
  const what =
    known === undefined
      ? { ...readPayment(options), ...(feeFrom === undefined ? {} : { feeFrom }) }
      : { quote: known };
  const client = await context.client();
  const answer = await priceOf(client, what);
  await context.show.answer(answer, (pen) => [
    ...quoteBlocks(answer, undefined, pen),
    answer.state === 'open'
      ? `Pay it: ${pen.strong(`okpay send --quote ${pen.text(answer.id)}`)}`
      : undefined,
  ]);
}
