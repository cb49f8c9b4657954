import { describe, type Description } from '../src/commands/describe.ts';
import { buildWholeProgram } from '../src/commands/program.ts';
import { TREE } from '../src/commands/tree.ts';

/** What can follow the words of one command. */
export type Node = {
  /** The words after `okpay`; empty for okpay itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  /** Its own flags and those of every command. */
  readonly flags: readonly Flag[];
  /** What its arguments can be, when that is known. */
  readonly values: readonly string[];
  /** An argument is a file. */
  readonly file: boolean;
};

export type Flag = {
  readonly long: string;
  readonly short?: string;
  readonly description: string;
  /** What comes after it: nothing, one of some words, a file, a profile, or something only the user knows. */
  readonly value: 'none' | readonly string[] | 'file' | 'profile' | 'any';
};

const HELP: Flag = { long: '--help', short: '-h', description: 'show help', value: 'none' };

/** Every command of okpay with what can follow it, in the order of the tree. */
export async function completionNodes(): Promise<readonly Node[]> {
  const root = describe(await buildWholeProgram(TREE));
  const common = [...root.flags.flatMap(flagOf), HELP];
  const nodes = (command: Description): Node[] => [
    {
      path: command.words,
      // After `help` comes a topic or a command.
      commands: (command.words === 'help' ? [...command.commands, ...root.commands] : command.commands)
        .filter(({ words }) => command.words !== words)
        .map(({ words, summary }) => ({ name: words.split(' ').at(-1) ?? '', summary })),
      flags: command.words === '' ? common : [...command.flags.flatMap(flagOf), ...common],
      values: command.arguments.flatMap(({ choices = [] }) => choices),
      file: command.arguments.some(({ name }) => /^(file|path)s?$/.test(name)),
    },
    ...command.commands.flatMap(nodes),
  ];
  return nodes(root);
}

function flagOf({
  long,
  short,
  flags,
  description,
  takesValue,
  choices,
}: Description['flags'][number]): Flag[] {
  if (long === undefined) return [];
  return [
    {
      long,
      ...(short === undefined ? {} : { short }),
      description,
      value: valueOf(flags, takesValue, choices),
    },
  ];
}

function valueOf(flags: string, takesValue: boolean, choices: readonly string[] | undefined): Flag['value'] {
  if (!takesValue) return 'none';
  if (choices) return choices;
  if (/<(file|path)>/.test(flags)) return 'file';
  return flags.startsWith('--profile') ? 'profile' : 'any';
}
