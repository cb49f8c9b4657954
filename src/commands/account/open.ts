import { Command } from 'commander';
import { parseCurrency } from '../../core/money.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { accountBlocks } from '../show/account.ts';

export type Options = { currency: string };

/** `okpay account open CURRENCY`: opens an account in a currency, or opens it again. */
export function openAccountCommand(run: Run<Options> = openAccount) {
  return declare(new Command().argument('<currency>', 'an ISO 4217 code, such as USD'), run);
}

async function openAccount(context: Context, { currency }: Options): Promise<void> {
  const code = parseCurrency(currency);
  const client = await context.client();
  const account = await client.call('open-account', { currency: code });
  await context.show.answer(account, (pen) => accountBlocks(account, pen));
}
