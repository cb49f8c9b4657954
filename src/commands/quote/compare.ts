import { Command } from 'commander';
import type { Output } from '../../core/contract/operations.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readAmount } from '../payment-words.ts';
import { table } from '../show/blocks.ts';
import { costText } from '../show/payment.ts';
import type { Pen } from '../show/pen.ts';

export type Options = { to?: string; amount?: string; currency?: string };
type Quote = Output<'compare-quotes'>['quotes'][number];

/** `okpay quote compare TO AMOUNT CURRENCY`: what the same payment costs from each of one's currencies. */
export function compareQuotesCommand(run: Run<Options> = compareQuotes) {
  const command = new Command()
    .description(
      'Shows what it costs from each of your currencies that somebody gets an amount, or that you do (okpay quote compare 100 USD). Each price binds for a while, and any of them can be paid.',
    )
    .argument('[to]', 'an e-mail address or the name of a payee; you yourself when left out')
    .argument('[amount]', 'what is to arrive, such as 12.50')
    .argument('[currency]', 'an ISO 4217 code, such as EUR');
  return declare(command, run);
}

async function compareQuotes(context: Context, { to, amount, currency }: Options): Promise<void> {
  const isForSelf = to !== undefined && /^[0-9][0-9.]*$/.test(to);
  const wanted = isForSelf ? readAmount(to, amount) : readAmount(amount ?? '', currency);
  const client = await context.client();
  const input = { amount: wanted, ...(isForSelf || to === undefined ? {} : { to }) };
  const answer = await client.call('compare-quotes', input);
  const [first] = answer.quotes.map(({ expiresAt }) => expiresAt).sort();
  await context.show.answer(answer, (pen) => [
    table(
      [
        { title: 'You pay', align: 'right' },
        { title: 'Fee', align: 'right' },
        { title: 'Rate', align: 'right' },
        { title: 'Costs', align: 'right' },
        'Quote',
      ],
      answer.quotes.map((quote) => cellsOf(quote, pen)),
      'None of your currencies can be priced for this.',
    ),
    ...answer.others.map(({ currency: code, reason }) => `${pen.text(code)}: ${pen.text(reason, 300)}`),
    first
      ? `They hold until ${pen.time(first)} or longer. Pay one: ${pen.strong(`okpay ${isForSelf ? 'convert' : 'send'} --quote ID`)}`
      : undefined,
  ]);
}

function cellsOf(quote: Quote, pen: Pen): string[] {
  const lacks = quote.warnings.some(({ code }) => code === 'insufficient_funds');
  return [
    lacks ? `${pen.money(quote.youPay)} (too little there)` : pen.strong(pen.money(quote.youPay)),
    pen.money(quote.fee),
    quote.exchange ? pen.text(quote.exchange.rate) : '',
    costText(quote, pen),
    pen.text(quote.id),
  ];
}
