import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';

export type TextOptions = { text?: string; textFile?: string };

/** Adds the ways a message can come in. */
export function withText(command: Command): Command {
  return command
    .option('--text <text>', 'what to write')
    .option('--text-file <path>', 'a file with what to write; - reads stdin');
}

/** What is to be written: from the flag, a file or stdin, or else asked for, on one line. */
export async function readText({ io }: Context, { text, textFile }: TextOptions): Promise<string> {
  if (text !== undefined && textFile !== undefined)
    throw new Refusal('usage_invalid', { reason: 'Give --text or --text-file, not both.' });
  if (text !== undefined) return text;
  if (textFile === '-') return (await io.readStdin()).trimEnd();
  if (textFile !== undefined) return readWhole(textFile).trimEnd();
  return io.ask({ message: 'What do you want to write?', flag: '--text' });
}

function readWhole(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = `“${path}” cannot be read (${(error as NodeJS.ErrnoException).code}).`;
    throw new Refusal('usage_invalid', { reason });
  }
}
