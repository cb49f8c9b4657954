import { Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { table } from './show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay balance`: what there is, what is held and what can be spent, per currency. */
export function balanceCommand(run: Run<Options> = balance) {
  return declare(new Command(), run);
}

async function balance(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-balances', {});
  await context.show.answer(answer, (pen) => [
    table(
      [
        'Currency',
        { title: 'Balance', align: 'right' },
        { title: 'Held', align: 'right' },
        { title: 'Available', align: 'right' },
      ],
      answer.balances.map((each) => [
        pen.text(each.currency),
        pen.money(each.balance),
        pen.money(each.held),
        pen.strong(pen.money(each.available)),
      ]),
      'Nothing yet. To pay money in: okpay deposit',
    ),
  ]);
}
