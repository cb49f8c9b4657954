import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { facts } from '../../show/blocks.ts';

export type Options = { item: string; to: string; reason: string };

/** `okpay admin suspense assign ITEM`: gives a bank entry to the holder it belongs to. */
export function assignSuspenseCommand(run: Run<Options> = assignSuspense) {
  const command = new Command()
    .argument('<item>', 'the id that `okpay admin suspense list` shows')
    .requiredOption('--to <address>', "the holder's e-mail address")
    .requiredOption('--reason <text>', 'how it was found whose it is; kept with the transfer');
  return declare(command, run);
}

async function assignSuspense(context: Context, { item, to, reason }: Options): Promise<void> {
  const client = await context.client();
  // An item can be assigned once, so its id is the key: asking again settles it.
  const transfer = await client.call(
    'assign-suspense',
    { transfer: item, to, reason },
    { key: `assign-${item}` },
  );
  await context.show.answer(transfer, (pen) => [
    `${pen.money(transfer.received)} was given to ${pen.strong(pen.text(transfer.to.email ?? transfer.to.name))}.`,
    facts(['Transfer', transfer.id], ['At', pen.time(transfer.at)]),
  ]);
}
