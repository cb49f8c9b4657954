import { hostname } from 'node:os';
import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { readCode, withCodeFlags, type CodeOptions } from './read-code.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from './read-password.ts';
import { facts } from './show/blocks.ts';

export type Options = PasswordOptions & CodeOptions & { email?: string };

/** `okpay login`: starts a session and keeps its token for this profile, in a file only the user can read. */
export function loginCommand(run: Run<Options> = login) {
  const command = new Command().option(
    '--email <address>',
    'your e-mail address (the one last used, when left out)',
  );
  return declare(withCodeFlags(withPasswordFlags(command)), run);
}

async function login(context: Context, options: Options): Promise<void> {
  const { profile, session, show } = context;
  if (options.passwordStdin && options.codeStdin)
    throw new Refusal('usage_invalid', {
      reason: 'Only one of the two can come from stdin: give --password-stdin or --code-stdin, not both.',
    });
  const email = options.email ?? (await askEmail(context));
  const password = await readPassword(context, options);
  const code = await readCode(context, options);
  const client = await context.strangerClient();
  const device = hostname().slice(0, 100) || 'unnamed';
  const deviceToken = context.device.token(context.place, email);
  const {
    token,
    deviceToken: given,
    ...answer
  } = await client.call('log-in', {
    email,
    password,
    device,
    ...(code === undefined ? {} : { code }),
    ...(deviceToken === undefined ? {} : { deviceToken }),
  });
  if (given !== undefined) context.device.keep(context.place, answer.user.email, given);
  session.save({
    token,
    session: answer.session,
    email: answer.user.email,
    expiresAt: answer.expiresAt,
    place: context.place,
  });
  await profile.remember({ url: context.url, email: answer.user.email });
  if (session.fromEnvironment)
    show.note('OKPAY_TOKEN is set and goes before this login; unset it to use the login.');
  // The token stays out of the answer: a terminal or a CI log is no place for it.
  await show.answer({ ...answer, profile: profile.name, tokenFrom: session.path }, (pen) => [
    `Logged in as ${pen.strong(pen.text(answer.user.displayName))} (${pen.text(answer.user.email)}).`,
    facts(
      ['Service', pen.text(context.place)],
      ['Profile', profile.name],
      ['Session until', pen.time(answer.expiresAt)],
    ),
  ]);
}

async function askEmail({ io, profile }: Context): Promise<string> {
  const last = profile.known.email;
  if (last !== undefined && !io.interactive) return last;
  return io.ask({
    message: 'E-mail address',
    flag: '--email',
    ...(last === undefined ? {} : { initial: last }),
  });
}
