import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { account: string };

/** `okpay bank remove ACCOUNT`: takes a bank account out of use. */
export function removeBankAccountCommand(run: Run<Options> = removeBankAccount) {
  return declare(new Command().argument('<account>', 'its id'), run);
}

async function removeBankAccount(context: Context, { account }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('remove-bank-account', { account });
  await context.show.answer(answer, () => [
    'The bank account was removed. Withdrawals to it that are under way go on.',
  ]);
}
