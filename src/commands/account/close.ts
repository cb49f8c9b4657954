import { Command } from 'commander';
import { parseCurrency } from '../../core/money.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { accountBlocks } from '../show/account.ts';

export type Options = { currency: string };

/** `okpay account close CURRENCY`: closes an empty account. */
export function closeAccountCommand(run: Run<Options> = closeAccount) {
  return declare(new Command().argument('<currency>', 'an ISO 4217 code, such as USD'), run);
}

async function closeAccount(context: Context, { currency }: Options): Promise<void> {
  const code = parseCurrency(currency);
  const client = await context.client();
  const account = await client.call('close-account', { currency: code });
  await context.show.answer(account, (pen) => accountBlocks(account, pen));
}
