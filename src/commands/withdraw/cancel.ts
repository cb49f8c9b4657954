import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { withdrawalBlocks } from '../show/withdrawal.ts';

export type Options = { withdrawal: string };

/** `okpay withdraw cancel WITHDRAWAL`: calls a withdrawal back, before it goes to the bank. */
export function cancelWithdrawalCommand(run: Run<Options> = cancelWithdrawal) {
  return declare(new Command().argument('<withdrawal>', 'its id'), run);
}

async function cancelWithdrawal(context: Context, { withdrawal: id }: Options): Promise<void> {
  const client = await context.client();
  const withdrawal = await client.call('cancel-withdrawal', { withdrawal: id });
  await context.show.answer(withdrawal, (pen) => withdrawalBlocks(withdrawal, pen));
}
