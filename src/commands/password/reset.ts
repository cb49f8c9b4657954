import { Command } from 'commander';
import { sameFor, type Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { pendingCode } from '../pending-code.ts';
import { readNewPassword, withNewPasswordFlags, type PasswordOptions } from '../read-password.ts';
import { endedTable } from '../show/ended.ts';

export type Options = PasswordOptions & { code?: string; request?: string };

/** `okpay password reset CODE`: sets a new password with the code from the mail; every session and token ends. */
export function resetPasswordCommand(run: Run<Options> = resetPassword) {
  const command = new Command()
    .argument('[code]', 'the code from the mail')
    .option('--request <id>', 'which request, when it was not made on this machine');
  return declare(withNewPasswordFlags(command), run);
}

async function resetPassword(context: Context, options: Options): Promise<void> {
  const { io, profile, session } = context;
  const reset = pendingCode(context, 'reset', options.request);
  const code = options.code ?? (await io.ask({ message: 'Code from the mail', flag: 'CODE' }));
  const password = await readNewPassword(context, options);
  const client = await context.strangerClient();
  const answer = await client.call('reset-password', { reset, code: code.trim(), password });
  await profile.remember({ url: context.url, email: answer.email, reset: undefined });
  const saved = session.fromEnvironment ? undefined : session.saved();
  if (saved && answer.endedSessions.some(({ id }) => id === saved.session)) await session.forget();
  const count = answer.endedSessions.length + answer.endedTokens.length;
  await context.show.answer(answer, (pen) => [
    `The new password of ${pen.strong(pen.text(answer.email))} is set.`,
    count === 0 ? 'There was no session or token to end.' : undefined,
    endedTable(pen, answer.endedSessions, answer.endedTokens),
    answer.secondFactor ? 'Your second factor is asked for as before.' : undefined,
    `Next: ${pen.strong(sameFor('okpay login', context.flags))}`,
  ]);
}
