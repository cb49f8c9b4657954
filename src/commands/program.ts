import { Command } from 'commander';
import { HELP_TEXT } from './help-text.ts';
import type { Declared } from './declare.ts';
import type { Entry } from './tree.ts';

/** The program, and the command its words name, when they name one. */
export type Program = { readonly root: Command; readonly chosen: Declared | undefined };

/** Flags of the program that take the next word as their value. */
const VALUED_FLAGS = ['--profile', '--url'];

/**
 * As much of the command tree as `words` can meet, by name and summary, with flags and body only for the command that
 * they name: a run loads one command file. Completions and the reference load them all: see buildWholeProgram.
 */
export async function buildProgram(tree: readonly Entry[], words: readonly string[]): Promise<Program> {
  const entry = findEntry(tree, commandWords(words));
  const chosen = await entry?.load?.();
  const root = makeRoot();
  for (const each of tree) {
    if (canBeMet(each.words, entry?.words)) attach(root, each, each === entry ? chosen : undefined);
  }
  return { root, chosen };
}

/** Whether words that name `found` can lead to `words`: up to it, on from it, and to all at the top when nothing was found. */
function canBeMet(words: string, found: string | undefined): boolean {
  if (found === undefined) return !words.includes(' ');
  return words === found || found.startsWith(`${words} `) || words.startsWith(`${found} `);
}

/** The command tree with every command's flags. */
export async function buildWholeProgram(tree: readonly Entry[]): Promise<Command> {
  const root = makeRoot();
  for (const entry of tree) attach(root, entry, await entry.load?.());
  return root;
}

/** The words of a command line that are not flags, up to `--`. */
export function commandWords(words: readonly string[]): string[] {
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') break;
    if (VALUED_FLAGS.includes(word)) at++;
    else if (!word.startsWith('-')) found.push(word);
  }
  return found;
}

/** The entry with the most words that these words begin with. */
export function findEntry(tree: readonly Entry[], words: readonly string[]): Entry | undefined {
  for (let count = words.length; count > 0; count--) {
    const found = tree.find((entry) => entry.words === words.slice(0, count).join(' '));
    if (found) return found;
  }
  return undefined;
}

function makeRoot(): Command {
  return new Command('okpay')
    .description('A self-hosted electronic wallet driven from a terminal.')
    .usage('<command> [flags]')
    .option('--profile <name>', 'use this login (OKPAY_PROFILE)')
    .option('--url <url>', 'use this server instead of the wallet on this machine (OKPAY_URL)')
    .option('--json', 'print exactly one JSON document')
    .option('--no-color', 'no colour (NO_COLOR)')
    .option('--quiet', 'only the answer, nothing on the side')
    .helpOption('-h, --help', 'show help')
    .configureHelp(HELP_TEXT)
    .helpCommand(false);
}

function attach(root: Command, entry: Entry, declared: Declared | undefined): void {
  const words = entry.words.split(' ');
  const name = words.pop() ?? '';
  const parent = words.reduce((above, word) => {
    const found = above.commands.find((command) => command.name() === word);
    if (!found) throw new Error(`“${entry.words}” is listed before “${words.join(' ')}”.`);
    return found;
  }, root);
  const command = (declared?.command ?? new Command()).name(name).summary(entry.summary);
  if (command.description() === '') command.description(`${entry.summary}.`);
  command.usage(entry.load ? usageOf(command) : '<command>');
  if (entry.section) command.helpGroup(`${entry.section}:`);
  parent.addCommand(
    command
      .helpCommand(false)
      .helpOption('-h, --help', 'show help')
      .configureHelp({ ...HELP_TEXT, showGlobalOptions: true }),
  );
}

function usageOf(command: Command): string {
  const places = command.registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? '...' : ''}`;
    return each.required ? `<${name}>` : `[${name}]`;
  });
  return ['[flags]', ...places].join(' ');
}
