import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { table } from '../../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay admin bank list`: the bank accounts of the wallet itself. */
export function listOwnAccountsCommand(run: Run<Options> = listOwnAccounts) {
  return declare(new Command(), run);
}

async function listOwnAccounts(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-own-accounts', {});
  await context.show.answer(answer, (pen) => [
    table(
      ['Currency', 'IBAN', 'BIC', 'In the name of', 'Since'],
      answer.accounts.map(({ currency, iban, bic = '', name, addedAt }) => [
        pen.text(currency),
        pen.text(iban),
        pen.text(bic),
        pen.text(name, 100),
        pen.shortTime(addedAt),
      ]),
      'There is none yet. To add one: okpay admin bank add IBAN CURRENCY --name NAME',
    ),
  ]);
}
