import { Command } from 'commander';
import { sameFor, type Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { mailPlace } from './mail-place.ts';
import { pendingRegistration } from './pending-registration.ts';
import { facts } from './show/blocks.ts';

export type Options = { registration?: string };

/** `okpay resend`: sends the verification mail again, with a new code. */
export function resendCommand(run: Run<Options> = resend) {
  const command = new Command().option(
    '--registration <id>',
    'which registration, when it was not made on this machine',
  );
  return declare(command, run);
}

async function resend(context: Context, options: Options): Promise<void> {
  const registration = pendingRegistration(context, options.registration);
  const client = await context.strangerClient();
  const answer = await client.call('resend-verification', { registration });
  await context.profile.remember({
    url: context.url,
    email: answer.email,
    registration: answer.registration,
  });
  await context.show.answer({ ...answer, mail: mailPlace(context) }, (pen) => [
    `A new mail with a code was sent to ${pen.strong(pen.text(answer.email))}.`,
    facts(['Mail', mailPlace(context)], ['Valid until', pen.time(answer.expiresAt)]),
    `Next: ${pen.strong(sameFor('okpay verify CODE', context.flags))}`,
  ]);
}
