import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { recoveryCodeBlocks } from '../show/recovery-codes.ts';

export type Options = Record<string, never>;

/** `okpay 2fa codes`: ten new recovery codes; earlier ones end. */
export function recoveryCodesCommand(run: Run<Options> = recoveryCodes) {
  return declare(new Command(), run);
}

async function recoveryCodes(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('replace-recovery-codes', {});
  await context.show.answer(answer, (pen) => [
    'The earlier recovery codes no longer work.',
    ...recoveryCodeBlocks(answer.recoveryCodes, pen),
  ]);
}
