import { Command } from 'commander';
import { sameFor, type Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { mailPlace } from '../mail-place.ts';
import { facts } from '../show/blocks.ts';

export type Options = { email?: string };

/** `okpay password forgot`: has a mail sent to set a new password; the answer is the same for every address. */
export function forgotPasswordCommand(run: Run<Options> = forgotPassword) {
  const command = new Command().option(
    '--email <address>',
    'the e-mail address of the account (the one last used, when left out)',
  );
  return declare(command, run);
}

async function forgotPassword(context: Context, options: Options): Promise<void> {
  const { io, profile } = context;
  const last = profile.known.email;
  const initial = last === undefined ? {} : { initial: last };
  const known = options.email ?? (io.interactive ? undefined : last);
  const email = known ?? (await io.ask({ message: 'E-mail address', flag: '--email', ...initial }));
  const client = await context.strangerClient();
  const answer = await client.call('forgot-password', { email });
  await profile.remember({ url: context.url, reset: answer.reset });
  await context.show.answer({ ...answer, mail: mailPlace(context) }, (pen) => [
    `If ${pen.strong(pen.text(answer.email))} has an account, a mail with a code and a link is on its way there.`,
    facts(
      ['Mail', mailPlace(context)],
      ['Request', answer.reset],
      ['Valid until', pen.time(answer.expiresAt)],
    ),
    `Next: ${pen.strong(sameFor('okpay password reset CODE', context.flags))}`,
  ]);
}
