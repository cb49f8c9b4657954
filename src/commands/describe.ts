import type { Command } from 'commander';

/** A command as data, for completions, the reference, and programs that drive okpay. */
export type Description = {
  /** What is typed after `okpay`; empty for okpay itself. */
  words: string;
  summary: string;
  arguments: {
    name: string;
    required: boolean;
    variadic: boolean;
    description: string;
    choices?: readonly string[];
  }[];
  /** Its own flags; those of okpay itself are taken by every command. */
  flags: {
    flags: string;
    long?: string;
    short?: string;
    takesValue: boolean;
    description: string;
    choices?: readonly string[];
    usually?: string;
  }[];
  commands: Description[];
};

/** Describes a command and all below it. For all flags take the root of buildWholeProgram. */
export function describe(command: Command, words: readonly string[] = []): Description {
  return {
    words: words.join(' '),
    summary: command.summary() || command.description(),
    arguments: command.registeredArguments.map((each) => ({
      name: each.name(),
      required: each.required,
      variadic: each.variadic,
      description: each.description,
      ...(each.argChoices ? { choices: each.argChoices } : {}),
    })),
    flags: command.options
      .filter(({ hidden }) => !hidden)
      .map((option) => ({
        flags: option.flags,
        ...(option.long === undefined ? {} : { long: option.long }),
        ...(option.short === undefined ? {} : { short: option.short }),
        takesValue: option.required || option.optional,
        description: option.description,
        ...(option.argChoices ? { choices: option.argChoices } : {}),
        ...(['string', 'number'].includes(typeof option.defaultValue)
          ? { usually: String(option.defaultValue) }
          : {}),
      })),
    commands: command.commands.map((each) => describe(each, [...words, each.name()])),
  };
}
