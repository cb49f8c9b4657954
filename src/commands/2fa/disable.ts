import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from '../read-password.ts';

export type Options = PasswordOptions;

/** `okpay 2fa disable`: takes the password and a code, and ends every other session. */
export function disableSecondFactorCommand(run: Run<Options> = disableSecondFactor) {
  return declare(withPasswordFlags(new Command()), run);
}

async function disableSecondFactor(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const password = await readPassword(context, options);
  const answer = await client.call('disable-second-factor', { password });
  await context.show.answer(answer, (pen) => [
    `The second factor is ${pen.warn('off')}: a login takes only the password, and payments no longer ask for a code.`,
    answer.sessionsEnded === 0 ? undefined : `Other sessions that were ended: ${answer.sessionsEnded}.`,
  ]);
}
