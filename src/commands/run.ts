import { CommanderError, type Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context, GlobalFlags } from './context.ts';
import type { Interrupts } from './interrupts.ts';
import { PipeClosed, type Io } from './io.ts';
import { describe } from './describe.ts';
import { buildProgram, buildWholeProgram, commandWords, findEntry } from './program.ts';
import { makePen } from './show/pen.ts';
import { safeLines } from './show/safe-text.ts';
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
  const json = flagsOf(words).includes('--json');
  try {
    await Promise.race([perform(words, outside, tree), outside.interrupts.interrupted]);
    return 0;
  } catch (error) {
    if (error instanceof PipeClosed) return 0;
    const refusal = asRefusal(error, findEntry(tree, commandWords(words))?.words ?? '');
    try {
      await report(refusal, error, json, outside);
    } catch (failure) {
      if (!(failure instanceof PipeClosed)) throw failure;
    }
    return refusal.exitCode;
  }
}

async function perform(words: readonly string[], outside: Outside, tree: readonly Entry[]): Promise<void> {
  const { root, chosen } = await buildProgram(tree, words);
  const { help, reached } = parse(root, words, outside.io);
  if (help) {
    const asked = flagsOf(words).includes('--json') ? await helpAsJson(help.command, tree) : help.text;
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

type Parsed = { help?: { command: Command; text: string }; reached?: Command };

/** Reads the flags into the commands. Returns the help that was asked for or the command that was reached. */
function parse(root: Command, words: readonly string[], io: Io): Parsed {
  const parsed: Parsed = {};
  for (const command of everyCommand(root)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => (parsed.help = { command, text: (parsed.help?.text ?? '') + text }),
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(io.width, 100),
    });
    if (command.commands.length === 0) command.action(() => void (parsed.reached = command));
  }
  const nothingNamed =
    commandWords(words).length === 0 && flagsOf(words).every((flag) => isFlagOf(root, flag));
  try {
    if (nothingNamed) root.outputHelp();
    else root.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError && error.exitCode === 0)) throw error;
  }
  return parsed;
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

/**
 * `help session list` is `session list --help`, unless it is a topic, a command of its own. Where the words name
 * nothing, help is not asked for, so that the answer is what is wrong with them.
 */
function asHelpFlag(words: readonly string[], tree: readonly Entry[]): readonly string[] {
  const [first, ...topic] = commandWords(words);
  if (first === undefined) return words;
  const flags = flagsOf(words).filter((flag) => flag !== '--help' && flag !== '-h');
  if (first !== 'help') return findEntry(tree, [first]) ? words : [first, ...topic, ...flags];
  if (findEntry(tree, ['help', ...topic])?.words === ['help', ...topic].join(' ') && topic.length > 0)
    return words;
  return findEntry(tree, topic)?.words === topic.join(' ')
    ? [...topic, '--help', ...flags]
    : [...topic, ...flags];
}

function isFlagOf(command: Command, flag: string): boolean {
  return command.options.some(({ long, short }) => long === flag || short === flag);
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function flagsOf(words: readonly string[]): string[] {
  const end = words.indexOf('--');
  return words.slice(0, end === -1 ? words.length : end).filter((word) => word.startsWith('-'));
}

function asRefusal(error: unknown, usageOf: string): Refusal {
  const next = usageOf === '' ? 'okpay --help' : `okpay help ${usageOf}`;
  if (error instanceof Refusal) {
    const helpful = error.code !== 'usage_invalid' || error.facts['next'] !== undefined;
    return helpful ? error : new Refusal('usage_invalid', { ...error.facts, next });
  }
  if (error instanceof CommanderError) return usageRefusal(error, usageOf, next);
  // What @inquirer/prompts throws when Ctrl-C is pressed at a question.
  if (error instanceof Error && error.name === 'ExitPromptError') return new Refusal('interrupted');
  return new Refusal('unexpected');
}

/** Commander's sentence as one of ours; `usageOf` is the command whose help explains. */
function usageRefusal(error: CommanderError, usageOf: string, next: string): Refusal {
  if (error.code === 'commander.help')
    return new Refusal('usage_invalid', { reason: `“okpay ${usageOf}” needs one more word.`, next });
  const sentence = error.message
    .replace(/^error: /, '')
    .replace(/\n\((Did you mean .*\?)\)$/s, '. $1')
    .trim();
  const reason = sentence.charAt(0).toUpperCase() + sentence.slice(1);
  return new Refusal('usage_invalid', { reason: /[.?!]$/.test(reason) ? reason : `${reason}.`, next });
}

/** Says what happened, why, and what to type next; with --json all of it is the one document on stdout. */
async function report(
  refusal: Refusal,
  error: unknown,
  json: boolean,
  { io, debug }: Outside,
): Promise<void> {
  if (json) await io.write(`${JSON.stringify({ error: refusal.toProblem() }, undefined, 2)}\n`);
  if (debug && error instanceof Error) io.note(safeLines(error.stack ?? error.message));
  if (json) return;
  const pen = await makePen(io.colour.stderr, Date.now);
  const inside = error instanceof Error && error !== refusal && refusal.code === 'unexpected';
  io.note(
    pen.bad(safeLines(inside ? `Something went wrong inside okpay: ${error.message}` : refusal.message)),
  );
  if (inside) io.note('OKPAY_DEBUG=1 shows where.');
  if (refusal.next !== undefined) io.note(`Next: ${pen.strong(safeLines(refusal.next))}`);
}
