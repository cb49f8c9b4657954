import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { showParty } from '../show/payment.ts';

export type Options = { name: string; to: string };

/** `okpay payee add NAME TO`: saves a recipient under a name. */
export function addPayeeCommand(run: Run<Options> = addPayee) {
  const command = new Command()
    .argument('<name>', 'what you will call them')
    .argument('<to>', 'their e-mail address');
  return declare(command, run);
}

async function addPayee(context: Context, { name, to }: Options): Promise<void> {
  const client = await context.client();
  const payee = await client.call('create-payee', { name, to });
  await context.show.answer(payee, (pen) => [
    `${showParty(payee.to, pen)} is saved as ${pen.strong(pen.text(payee.name))}.`,
  ]);
}
