import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';

export type Options = { iban: string; currency: string };

/** `okpay admin bank remove IBAN CURRENCY`: no withdrawals are paid from it any more. */
export function removeOwnAccountCommand(run: Run<Options> = removeOwnAccount) {
  const command = new Command()
    .argument('<iban>', 'its IBAN')
    .argument('<currency>', 'the currency it is kept in');
  return declare(command, run);
}

async function removeOwnAccount(context: Context, { iban, currency }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('remove-own-account', { iban, currency });
  await context.show.answer(answer, () => ['Withdrawals are no longer paid from this account.']);
}
