import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { facts } from '../../show/blocks.ts';

export type Options = { iban: string; currency: string; name: string; bic?: string };

/** `okpay admin bank add IBAN CURRENCY`: adds an account of the wallet's own that withdrawals are paid from. */
export function addOwnAccountCommand(run: Run<Options> = addOwnAccount) {
  const command = new Command()
    .description(
      'Adds a bank account of the wallet itself that withdrawals in a currency are paid from, or changes its name or bank.',
    )
    .argument('<iban>', 'its IBAN')
    .argument('<currency>', 'the currency it is kept in, such as EUR')
    .requiredOption('--name <name>', 'in whose name it is, as the bank has it')
    .option('--bic <bic>', 'the BIC of the bank, where it asks for it in files');
  return declare(command, run);
}

async function addOwnAccount(context: Context, { iban, currency, name, bic }: Options): Promise<void> {
  const client = await context.client();
  const account = await client.call('add-own-account', {
    iban,
    currency,
    name,
    ...(bic === undefined ? {} : { bic }),
  });
  await context.show.answer(account, (pen) => [
    `Withdrawals in ${pen.text(account.currency)} are paid from this account.`,
    facts(
      ['IBAN', pen.text(account.iban)],
      ['In the name of', pen.text(account.name, 100)],
      ['BIC', account.bic && pen.text(account.bic)],
    ),
  ]);
}
