import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table, type Block } from '../show/blocks.ts';
import { bankAccountBlocks } from '../show/withdrawal.ts';

export type Options = { full?: boolean };

/** `okpay bank list`: your bank accounts. */
export function listBankAccountsCommand(run: Run<Options> = listBankAccounts) {
  return declare(new Command().option('--full', 'show their numbers whole'), run);
}

async function listBankAccounts(context: Context, { full = false }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-bank-accounts', full ? { full: true } : {});
  await context.show.answer(answer, (pen): Block[] =>
    full
      ? answer.accounts.flatMap((account) => bankAccountBlocks(account, pen))
      : [
          table(
            ['Bank account', 'In the name of', 'Number', 'Currency', 'Can be used from'],
            answer.accounts.map(({ id, holderName, country, ending, currency, usableFrom }) => [
              pen.text(id),
              pen.text(holderName, 100),
              `${pen.text(country)} •••${pen.text(ending)}`,
              pen.text(currency),
              pen.time(usableFrom),
            ]),
            'There is none yet. To add one: okpay bank add',
          ),
        ],
  );
}
