import { hostname } from 'node:os';
import { Command } from 'commander';
import type { OkpayClient } from '../core/client.ts';
import type { Output } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import type { Keychain } from '../core/keychain.ts';
import type { SavedSession } from '../core/session.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { readCode, withCodeFlags, type CodeOptions } from './read-code.ts';
import { readPassword, withPasswordFlags, type PasswordOptions } from './read-password.ts';
import { facts } from './show/blocks.ts';

export type Options = PasswordOptions &
  CodeOptions & { email?: string; withToken?: boolean; keychain?: boolean };

/** `okpay login`: starts a session, or takes a token for programs, and keeps it for this profile. */
export function loginCommand(run: Run<Options> = login) {
  const command = new Command()
    .option('--email <address>', 'your e-mail address (the one last used, when left out)')
    .option('--with-token', 'keep a token for programs, read from stdin, instead of starting a session')
    .option('--keychain', 'keep the secret in the keychain of the system, from now on')
    .option('--no-keychain', 'keep it in a file that only you can read again');
  return declare(withCodeFlags(withPasswordFlags(command)), run);
}

async function login(context: Context, options: Options): Promise<void> {
  const { profile, session } = context;
  if (options.passwordStdin && options.codeStdin)
    throw new Refusal('usage_invalid', {
      reason: 'Only one of the two can come from stdin: give --password-stdin or --code-stdin, not both.',
    });
  const wantsKeychain = options.keychain ?? profile.known.keychain ?? false;
  // Before anything else: a session that cannot be kept is better not begun.
  const keychain = wantsKeychain ? await session.keychain() : undefined;
  if (options.withToken) await takeToken(context, options, keychain);
  else await startSession(context, options, keychain);
  if (session.fromEnvironment)
    context.show.note('OKPAY_TOKEN is set and goes before this login; unset it to use the login.');
}

async function startSession(context: Context, options: Options, keychain: Keychain | undefined) {
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
  const { user, expiresAt } = answer;
  if (given !== undefined) context.device.keep(context.place, user.email, given);
  try {
    await keep(context, { token, session: answer.session, email: user.email, expiresAt }, keychain);
  } catch (error) {
    await (await context.clientFor(token)).call('log-out', {});
    throw error;
  }
  // The token stays out of the answer: a terminal or a CI log is no place for it.
  const { name } = context.profile;
  await context.show.answer({ ...answer, profile: name, tokenFrom: originOf(context, keychain) }, (pen) => [
    `Logged in as ${pen.strong(pen.text(user.displayName))} (${pen.text(user.email)}).`,
    facts(['Service', pen.text(context.place)], ['Profile', name], ['Session until', pen.time(expiresAt)]),
  ]);
}

async function takeToken(context: Context, options: Options, keychain: Keychain | undefined) {
  const { email, passwordStdin, passwordFile } = options;
  if (email !== undefined || passwordStdin || passwordFile !== undefined)
    throw new Refusal('usage_invalid', { reason: '--with-token takes no e-mail address and no password.' });
  const secret = (await context.io.readStdin()).trim();
  if (!secret.startsWith('okt_'))
    throw new Refusal('usage_invalid', {
      reason: 'What came from stdin is not a token for programs: those begin with okt_.',
      next: 'okpay token create --help',
    });
  const { user, token } = await meBy(await context.clientFor(secret));
  const { id: session, expiresAt } = token;
  await keep(context, { token: secret, session, email: user.email, expiresAt }, keychain);
  const { name } = context.profile;
  await context.show.answer({ user, token, profile: name, tokenFrom: originOf(context, keychain) }, (pen) => [
    `Commands act for ${pen.strong(pen.text(user.displayName))} (${pen.text(user.email)}) by the token ${pen.strong(pen.text(token.name))}.`,
    facts(
      ['Service', pen.text(context.place)],
      ['Profile', name],
      ['May', token.scopes.join(', ')],
      ['Token until', pen.time(expiresAt)],
    ),
  ]);
}

async function meBy(client: OkpayClient) {
  const { user, token } = await client.call('get-me', {});
  if (!token) throw new Refusal('unexpected');
  return { user, token } satisfies Pick<Output<'get-me'>, 'user' | 'token'>;
}

async function keep(context: Context, saved: Omit<SavedSession, 'place'>, keychain: Keychain | undefined) {
  const { session, profile, place, url } = context;
  await session.save({ ...saved, place }, keychain);
  await profile.remember({ url, email: saved.email, keychain: keychain ? true : undefined });
}

function originOf({ session }: Context, keychain: Keychain | undefined): string {
  return keychain?.name ?? session.path;
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
