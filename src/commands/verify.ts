import { Command } from 'commander';
import { sameFor, type Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { pendingRegistration } from './pending-registration.ts';

export type Options = { code?: string; registration?: string };

/** `okpay verify CODE`: confirms the e-mail address with the code from the mail. */
export function verifyCommand(run: Run<Options> = verify) {
  const command = new Command()
    .argument('[code]', 'the code from the mail')
    .option('--registration <id>', 'which registration, when it was not made on this machine');
  return declare(command, run);
}

async function verify(context: Context, options: Options): Promise<void> {
  const registration = pendingRegistration(context, options.registration);
  const code = options.code ?? (await context.io.ask({ message: 'Code from the mail', flag: 'CODE' }));
  const client = await context.strangerClient();
  const user = await client.call('verify-email', { registration, code: code.trim() });
  await context.profile.remember({ url: context.url, email: user.email, registration: undefined });
  await context.show.answer(user, (pen) => [
    `${pen.text(user.email)} is verified.`,
    `Next: ${pen.strong(sameFor('okpay login', context.flags))}`,
  ]);
}
