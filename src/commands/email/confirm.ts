import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { pendingCode } from '../pending-code.ts';
import { endedTable } from '../show/ended.ts';

export type Options = { code?: string; request?: string };

/** `okpay email confirm CODE`: moves the account to the address whose mail had the code; other sessions end. */
export function confirmEmailCommand(run: Run<Options> = confirmEmail) {
  const command = new Command()
    .argument('[code]', 'the code from the mail to the new address')
    .option('--request <id>', 'which request, when it was not made on this machine');
  return declare(command, run);
}

async function confirmEmail(context: Context, options: Options): Promise<void> {
  const { io, profile, session } = context;
  const change = pendingCode(context, 'emailChange', options.request);
  const code = options.code ?? (await io.ask({ message: 'Code from the mail', flag: 'CODE' }));
  const client = await context.client();
  const answer = await client.call('confirm-email', { change, code: code.trim() });
  const { email } = answer.user;
  await profile.remember({ url: context.url, email, emailChange: undefined });
  await session.renew(context.place, { email });
  await context.show.answer(answer, (pen) => [
    `Your account is at ${pen.strong(pen.text(email))} now. Payees and history are as they were.`,
    answer.endedSessions.length === 0 ? 'There was no other session to end.' : undefined,
    endedTable(pen, answer.endedSessions),
  ]);
}
