import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { approvalBlocks } from '../../show/approval.ts';

export type Options = { item: string; reason: string };

/** `okpay admin suspense return ITEM`: asks for a bank entry to be sent back to where it came from. */
export function returnSuspenseCommand(run: Run<Options> = returnSuspense) {
  const command = new Command()
    .description(
      'Asks for a bank entry to be sent back to the account it came from. A second person decides. Then pay it at the bank with the reference as its end-to-end id: the debit of the statement that carries it settles it.',
    )
    .argument('<item>', 'the id that `okpay admin suspense list` shows')
    .requiredOption('--reason <text>', 'why it goes back; kept');
  return declare(command, run);
}

async function returnSuspense(context: Context, { item, reason }: Options): Promise<void> {
  const client = await context.client();
  const approval = await client.call('return-suspense', { transfer: item, reason });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
