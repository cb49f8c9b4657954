import type { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { readPrivateFile } from './read-private-file.ts';

export type CodeOptions = { codeStdin?: boolean; codeFile?: string };

/** Adds the ways a code of the second factor can come in beside a question and OKPAY_TOTP_SECRET. */
export function withCodeFlags(command: Command): Command {
  return command
    .option('--code-stdin', 'read the code of the second factor from stdin')
    .option('--code-file <path>', 'read it from a file only you can read (OKPAY_TOTP_SECRET works too)');
}

/** The code that was handed in, or undefined: then it is asked for when the service wants one. */
export async function readCode({ io }: Context, options: CodeOptions): Promise<string | undefined> {
  if (options.codeStdin && options.codeFile !== undefined)
    throw new Refusal('usage_invalid', { reason: 'Give --code-stdin or --code-file, not both.' });
  if (options.codeStdin) return (await io.readStdin()).trim();
  return options.codeFile === undefined ? undefined : readPrivateFile(options.codeFile, 'the code').trim();
}
