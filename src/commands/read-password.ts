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

/**
 * The password from stdin, a file, OKPAY_PASSWORD, or else from a question, in that order; `twice` asks again to
 * catch slips when a new one is chosen. One line break at the end is not part of it.
 */
export async function readPassword(
  { io, environment }: Context,
  options: PasswordOptions,
  twice = false,
): Promise<string> {
  if (options.passwordStdin && options.passwordFile !== undefined)
    throw new Refusal('usage_invalid', { reason: 'Give --password-stdin or --password-file, not both.' });
  if (options.passwordStdin) return withoutLineBreak(await io.readStdin());
  if (options.passwordFile !== undefined)
    return withoutLineBreak(readPrivateFile(options.passwordFile, 'the password'));
  if (environment['OKPAY_PASSWORD']) return environment['OKPAY_PASSWORD'];
  const flag = '--password-stdin or --password-file';
  const password = await io.askSecret({ message: 'Password', flag });
  if (twice && (await io.askSecret({ message: 'The same password again', flag })) !== password)
    throw new Refusal('usage_invalid', { reason: 'The two passwords are not the same.' });
  return password;
}

function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}
