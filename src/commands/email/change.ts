import { Command } from 'commander';
import { sameFor, type Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { mailPlace } from '../mail-place.ts';
import { facts } from '../show/blocks.ts';

export type Options = { new?: string };

/** `okpay email change NEW`: has a code mailed to the address your account is to move to. */
export function changeEmailCommand(run: Run<Options> = changeEmail) {
  return declare(new Command().argument('[new]', 'the new e-mail address'), run);
}

async function changeEmail(context: Context, options: Options): Promise<void> {
  const { io, profile } = context;
  const email = options.new ?? (await io.ask({ message: 'New e-mail address', flag: 'NEW' }));
  const client = await context.client();
  const answer = await client.call('change-email', { email });
  await profile.remember({ url: context.url, emailChange: answer.change });
  await context.show.answer({ ...answer, mail: mailPlace(context) }, (pen) => [
    `A mail with a code is on its way to ${pen.strong(pen.text(answer.email))}, and a word about it to your address of now.`,
    facts(
      ['Mail', mailPlace(context)],
      ['Request', answer.change],
      ['Valid until', pen.time(answer.expiresAt)],
    ),
    `Next: ${pen.strong(sameFor('okpay email confirm CODE', context.flags))}`,
  ]);
}
