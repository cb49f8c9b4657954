import { Command } from 'commander';
import { sameFor, type Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from './read-password.ts';
import { mailPlace } from './mail-place.ts';
import { facts } from './show/blocks.ts';

export type Options = PasswordOptions & { email?: string; name?: string; phone?: string };

/** `okpay register`: opens an account; a mail with a code follows. What is missing is asked for. */
export function registerCommand(run: Run<Options> = register) {
  const command = new Command()
    .option('--email <address>', 'your e-mail address')
    .option('--name <name>', 'your name, as the people you pay will see it')
    .option('--phone <number>', 'your phone number in E.164 form, such as +4915112345678');
  return declare(withPasswordFlags(command), run);
}

async function register(context: Context, options: Options): Promise<void> {
  const { io, profile } = context;
  const email = options.email ?? (await io.ask({ message: 'E-mail address', flag: '--email' }));
  const displayName = options.name ?? (await io.ask({ message: 'Your name', flag: '--name' }));
  const password = await readPassword(context, options, true);
  const phone = options.phone === undefined ? {} : { phone: options.phone };
  const client = await context.strangerClient();
  const answer = await client.call('register', { email, displayName, password, ...phone });
  await profile.remember({ url: context.url, email: answer.email, registration: answer.registration });
  await context.show.answer({ ...answer, mail: mailPlace(context) }, (pen) => [
    `A mail with a code was sent to ${pen.strong(pen.text(answer.email))}.`,
    facts(
      ['Mail', mailPlace(context)],
      ['Registration', answer.registration],
      ['Valid until', pen.time(answer.expiresAt)],
    ),
    `Next: ${pen.strong(sameFor('okpay verify CODE', context.flags))}`,
  ]);
}
