import { CommanderError, type Command } from 'commander';
import type { GlobalFlags } from './context.ts';
import { commandWords, findEntry } from './program.ts';
import type { Entry } from './tree.ts';

export type Parsed = { help?: { command: Command; text: string }; reached?: Command };

/** Reads the flags into the commands. Returns the help that was asked for or the command that was reached. */
export function parse(root: Command, words: readonly string[], width: number): Parsed {
  const parsed: Parsed = {};
  for (const command of everyCommand(root)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => (parsed.help = { command, text: (parsed.help?.text ?? '') + text }),
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(width, 100),
    });
    const isCommand = command.commands.length === 0 || command.registeredArguments.length > 0;
    if (isCommand) command.action(() => void (parsed.reached = command));
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

/**
 * `help session list` is `session list --help`, unless it is a topic, a command of its own. Where the words name
 * nothing, help is not asked for, so that the answer is what is wrong with them.
 */
export function asHelpFlag(words: readonly string[], tree: readonly Entry[]): readonly string[] {
  const [first, ...topic] = commandWords(words);
  if (first === undefined) return words;
  const plain = words.filter((word) => word !== '--help' && word !== '-h');
  if (first !== 'help') return findEntry(tree, [first]) ? words : plain;
  if (findEntry(tree, ['help', ...topic])?.words === ['help', ...topic].join(' ') && topic.length > 0)
    return words;
  const named = plain.toSpliced(plain.indexOf('help'), 1);
  return findEntry(tree, topic)?.words === topic.join(' ') ? [...named, '--help'] : named;
}

/** The flags of the program, read before everything else: an error in the rest is reported as they say. */
export function earlyFlags(words: readonly string[]): Pick<GlobalFlags, 'json' | 'profile' | 'url'> {
  const valueOf = (flag: string) => {
    const at = words.indexOf(flag);
    return at === -1
      ? words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1)
      : words[at + 1];
  };
  const [profile, url] = [valueOf('--profile'), valueOf('--url')];
  return {
    json: flagsOf(words).includes('--json'),
    ...(profile === undefined ? {} : { profile }),
    ...(url === undefined ? {} : { url }),
  };
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
