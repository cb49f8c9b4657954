import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay account list`: one's accounts, one for a currency, closed ones too. */
export function listAccountsCommand(run: Run<Options> = listAccounts) {
  return declare(new Command(), run);
}

async function listAccounts(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-accounts', {});
  await context.show.answer(answer, (pen) => [
    table(
      [
        'Currency',
        'State',
        { title: 'Balance', align: 'right' },
        { title: 'Held', align: 'right' },
        { title: 'Available', align: 'right' },
      ],
      answer.accounts.map((each) => [
        pen.text(each.currency),
        each.state,
        pen.money(each.balance),
        pen.money(each.held),
        pen.strong(pen.money(each.available)),
      ]),
      'None yet. One opens with the first money, or: okpay account open EUR',
    ),
  ]);
}
