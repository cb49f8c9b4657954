import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Argument, Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';

export type Options = { shell: string };

/** The file of each shell. */
const ENDINGS: Readonly<Record<string, string>> = {
  bash: 'bash',
  zsh: 'zsh',
  fish: 'fish',
  powershell: 'ps1',
};

/** `okpay completion SHELL`: prints the script that makes TAB complete okpay's words. */
export function completionCommand(run: Run<Options> = completion) {
  const command = new Command().addArgument(
    new Argument('<shell>', 'which shell').choices(Object.keys(ENDINGS)),
  );
  return declare(command, run);
}

async function completion({ show }: Context, { shell }: Options): Promise<void> {
  // Two folders up from src/commands and from dist/chunks alike.
  const path = join(import.meta.dirname, '..', '..', 'completions', `okpay.${ENDINGS[shell]}`);
  const script = await readFile(path, 'utf8');
  if (show.json) return show.answer({ shell, script }, () => []);
  await show.raw(asStream(script));
}

async function* asStream(text: string): AsyncGenerator<string> {
  yield text;
}
