import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import {
  readCurrentPassword,
  readNewPassword,
  withNewPasswordFlags,
  type PasswordOptions,
} from '../read-password.ts';
import { endedTable } from '../show/ended.ts';

export type Options = PasswordOptions & { currentPasswordFile?: string };

/** `okpay password change`: a new password for whoever knows the one of now; other sessions end. */
export function changePasswordCommand(run: Run<Options> = changePassword) {
  const command = new Command().option(
    '--current-password-file <path>',
    'read the current password from a file only you can read (OKPAY_PASSWORD works too)',
  );
  return declare(withNewPasswordFlags(command), run);
}

async function changePassword(context: Context, options: Options): Promise<void> {
  const current = await readCurrentPassword(context, options.currentPasswordFile);
  const password = await readNewPassword(context, options);
  const client = await context.client();
  const answer = await client.call('change-password', { current, password });
  await context.show.answer(answer, (pen) => [
    'Your password is changed. This session goes on; a mail about it is on its way to you.',
    answer.endedSessions.length === 0 ? 'There was no other session to end.' : undefined,
    endedTable(pen, answer.endedSessions),
  ]);
}
