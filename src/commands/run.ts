import type { Command } from 'commander';
import type { Context, GlobalFlags } from './context.ts';
import { describe } from './describe.ts';
import type { Interrupts } from './interrupts.ts';
import { AnsweredNo, AnswerNotWritten, PipeClosed, type Io } from './io.ts';
import { buildProgram, buildWholeProgram, commandWords, findEntry } from './program.ts';
import { asHelpFlag, earlyFlags, parse } from './read-words.ts';
import { asRefusal, report } from './report.ts';
import { TREE, type Entry } from './tree.ts';

/** What a run needs from main. */
export type Outside = {
  readonly io: Io;
  readonly interrupts: Pick<Interrupts, 'interrupted'>;
  /** Makes what the command may touch, once its flags are read. */
  readonly open: (flags: GlobalFlags) => Promise<Context>;
  /** True to show the stack of an unexpected error (OKPAY_DEBUG=1). */
  readonly debug: boolean;
};

/**
 * Runs one command line (without `node` and the script) and returns the exit code. The one catch of the command line:
 * every error becomes a few lines on stderr, with --json also one document on stdout, and an exit code.
 */
export async function run(
  typed: readonly string[],
  outside: Outside,
  tree: readonly Entry[] = TREE,
): Promise<number> {
  const words = asHelpFlag(typed, tree);
  const flags = earlyFlags(words);
  try {
    await Promise.race([perform(words, outside, tree), outside.interrupts.interrupted]);
    return 0;
  } catch (error) {
    if (error instanceof PipeClosed) return 0;
    if (error instanceof AnsweredNo) return error.refusal.exitCode;
    const refusal = asRefusal(error, findEntry(tree, commandWords(words))?.words ?? '');
    try {
      await report(refusal, error, outside.io, flags, outside.debug);
    } catch (failure) {
      // There is nobody left to tell; the exit code still says it.
      if (!(failure instanceof PipeClosed || failure instanceof AnswerNotWritten)) throw failure;
    }
    return refusal.exitCode;
  }
}

async function perform(words: readonly string[], outside: Outside, tree: readonly Entry[]): Promise<void> {
  const { root, chosen } = await buildProgram(tree, words);
  const { help, reached } = parse(root, words, outside.io.width);
  if (help) {
    const asked = earlyFlags(words).json ? await helpAsJson(help.command, tree) : help.text;
    return outside.io.write(asked);
  }
  if (!chosen || reached !== chosen.command)
    throw new Error('The command that was loaded is not the one that was read.');
  const { profile, url, json, color, quiet } = root.opts<Partial<GlobalFlags>>();
  const context = await outside.open({
    ...(profile === undefined ? {} : { profile }),
    ...(url === undefined ? {} : { url }),
    json: json === true,
    color: color !== false,
    quiet: quiet === true,
  });
  try {
    await chosen.start(context);
  } finally {
    await context.close();
  }
}

async function helpAsJson(command: Command, tree: readonly Entry[]): Promise<string> {
  const words: string[] = [];
  for (let each = command; each.parent; each = each.parent) words.unshift(each.name());
  const whole = await buildWholeProgram(tree);
  const found = words.reduce(
    (above, word) => above.commands.find((each) => each.name() === word) ?? above,
    whole,
  );
  return `${JSON.stringify(describe(found, words), undefined, 2)}\n`;
}
