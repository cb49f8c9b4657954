import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { withdrawalBlocks } from '../show/withdrawal.ts';

export type Options = { withdrawal: string };

/** `okpay withdraw show WITHDRAWAL`: how a withdrawal stands. */
export function showWithdrawalCommand(run: Run<Options> = showWithdrawal) {
  return declare(new Command().argument('<withdrawal>', 'its id'), run);
}

async function showWithdrawal(context: Context, { withdrawal: id }: Options): Promise<void> {
  const client = await context.client();
  const withdrawal = await client.call('get-withdrawal', { withdrawal: id });
  await context.show.answer(withdrawal, (pen) => withdrawalBlocks(withdrawal, pen));
}
