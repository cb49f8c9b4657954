import type { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { readPrivateFile } from './read-private-file.ts';

export type PasswordOptions = { passwordStdin?: boolean; passwordFile?: string };

/** Adds the ways a password can come in. It is never a flag's value: those are seen by every user of a machine. */
export function withPasswordFlags(command: Command): Command {
  return command
    .option('--password-stdin', 'read the password from stdin')
    .option('--password-file <path>', 'read it from a file only you can read (OKPAY_PASSWORD works too)');
}

/** Adds the ways a new password can come in, for commands where OKPAY_PASSWORD is the one of now. */
export function withNewPasswordFlags(command: Command): Command {
  return command
    .option('--password-stdin', 'read the new password from stdin')
    .option('--password-file <path>', 'read it from a file only you can read (OKPAY_NEW_PASSWORD works too)');
}

/** The password of now from a file, OKPAY_PASSWORD, or else from a question. */
export async function readCurrentPassword(context: Context, file: string | undefined): Promise<string> {
  return readSecret(context, file === undefined ? {} : { passwordFile: file }, {
    variable: 'OKPAY_PASSWORD',
    message: 'Current password',
    flag: '--current-password-file',
    twice: false,
  });
}

/** A new password from stdin, a file, OKPAY_NEW_PASSWORD, or else from a question asked twice to catch slips. */
export async function readNewPassword(context: Context, options: PasswordOptions): Promise<string> {
  return readSecret(context, options, {
    variable: 'OKPAY_NEW_PASSWORD',
    message: 'New password',
    flag: '--password-stdin or --password-file',
    twice: true,
  });
}

/**
 * The password from stdin, a file, OKPAY_PASSWORD, or else from a question, in that order; `twice` asks again to
 * catch slips when a new one is chosen. One line break at the end is not part of it.
 */
export async function readPassword(
  context: Context,
  options: PasswordOptions,
  twice = false,
): Promise<string> {
  return readSecret(context, options, {
    variable: 'OKPAY_PASSWORD',
    message: 'Password',
    flag: '--password-stdin or --password-file',
    twice,
  });
}

type Wanted = {
  readonly variable: string;
  readonly message: string;
  readonly flag: string;
  readonly twice: boolean;
};

async function readSecret(
  { io, environment }: Context,
  options: PasswordOptions,
  { variable, message, flag, twice }: Wanted,
): Promise<string> {
  if (options.passwordStdin && options.passwordFile !== undefined)
    throw new Refusal('usage_invalid', { reason: 'Give --password-stdin or --password-file, not both.' });
  if (options.passwordStdin) return withoutLineBreak(await io.readStdin());
  if (options.passwordFile !== undefined)
    return withoutLineBreak(readPrivateFile(options.passwordFile, 'the password'));
  if (environment[variable]) return environment[variable];
  const password = await io.askSecret({ message, flag });
  if (twice && (await io.askSecret({ message: 'The same password again', flag })) !== password)
    throw new Refusal('usage_invalid', { reason: 'The two passwords are not the same.' });
  return password;
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
