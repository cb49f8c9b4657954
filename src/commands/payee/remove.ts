import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { name: string };

/** `okpay payee remove NAME`: forgets a saved recipient; what was paid to them stays in the history. */
export function removePayeeCommand(run: Run<Options> = removePayee) {
  return declare(new Command().argument('<name>', 'the name, as `okpay payee list` shows it'), run);
}

async function removePayee(context: Context, { name }: Options): Promise<void> {
  const client = await context.client();
  await client.call('delete-payee', { payee: name });
  await context.show.answer({ payee: name, removed: true }, (pen) => [
    `${pen.text(name)} is not saved any more.`,
  ]);
}
