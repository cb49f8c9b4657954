import { Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { facts } from './show/blocks.ts';

export type Options = { currency?: string };

/** `okpay deposit`: how to pay money in, with the reference that says whose it is. */
export function depositCommand(run: Run<Options> = deposit) {
  return declare(new Command().option('--currency <code>', 'in this currency, such as EUR'), run);
}

async function deposit(context: Context, { currency }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('get-deposit-instructions', currency === undefined ? {} : { currency });
  await context.show.answer(answer, (pen) => [
    facts(['Your reference', pen.strong(pen.text(answer.reference))]),
    pen.text(answer.text, 2_000),
  ]);
}
