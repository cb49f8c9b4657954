import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import { sameFor, type Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { mailPlace } from './mail-place.ts';
import { facts } from './show/blocks.ts';

export type Options = { code?: string; email?: string; request?: string };

/** `okpay unlock`: has a mail with a code sent; `okpay unlock CODE`: lets you log in at once. */
export function unlockCommand(run: Run<Options> = unlock) {
  const command = new Command()
    .argument('[code]', 'the code from the mail; without one a mail is sent')
    .option('--email <address>', 'your e-mail address (the one last used, when left out)')
    .option('--request <id>', 'which unlocking the code is for, when it was not asked for on this machine');
  return declare(command, run);
}

async function unlock(context: Context, options: Options): Promise<void> {
  if (options.code === undefined) return ask(context, options);
  const { profile } = context;
  const id = options.request ?? profile.known.unlock;
  if (id === undefined)
    throw new Refusal('usage_invalid', {
      reason: `No unlocking waits for a code in the profile “${profile.name}”; open the link in the mail, or name one with --request.`,
      next: 'okpay unlock',
    });
  const client = await context.strangerClient();
  await client.call('confirm-unlock', { unlock: id, code: options.code.trim() });
  await profile.remember({ unlock: undefined });
  await context.show.answer({ unlock: id, unlocked: true }, (pen) => [
    'The account is unlocked.',
    `Next: ${pen.strong(sameFor('okpay login', context.flags))}`,
  ]);
}

async function ask(context: Context, options: Options): Promise<void> {
  const { profile, io } = context;
  const email =
    options.email ?? profile.known.email ?? (await io.ask({ message: 'E-mail address', flag: '--email' }));
  const client = await context.strangerClient();
  const answer = await client.call('request-unlock', { email });
  await profile.remember({ url: context.url, unlock: answer.unlock });
  await context.show.answer({ ...answer, mail: mailPlace(context) }, (pen) => [
    `If ${pen.strong(pen.text(answer.email))} has an account, a mail with a code was sent there.`,
    facts(['Mail', mailPlace(context)], ['Valid until', pen.time(answer.expiresAt)]),
    `Next: ${pen.strong(sameFor('okpay unlock CODE', context.flags))}`,
  ]);
}
