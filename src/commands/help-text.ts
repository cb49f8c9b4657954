import type { Command, Help, HelpConfiguration, Option } from 'commander';
import { wrapWords } from './show/wrap-words.ts';

type Item = readonly [term: string, description: string];
type Section = readonly [heading: string, items: readonly Item[]];

/** Below this many columns a description stands under its term instead of beside it. */
const NARROW = 60;

const MORE: readonly Item[] = [
  ['okpay help <command>', 'what a command takes'],
  ['okpay help exit-codes', 'what the exit codes mean'],
  ['okpay help environment', 'what can be set from outside'],
];

/** Help with the commands first, then what this one takes, then the flags of every command. */
export const HELP_TEXT: HelpConfiguration = { formatHelp };

function formatHelp(command: Command, helper: Help): string {
  const width = helper.helpWidth ?? 80;
  const ownTitle = command.parent ? 'Flags:' : 'Flags of every command:';
  const sections: Section[] = [
    ...commandSections(command, helper),
    ['Arguments:', helper.visibleArguments(command).map((each) => [each.name(), each.description])],
    [ownTitle, helper.visibleOptions(command).map(flagItem)],
    ['Flags of every command:', helper.visibleGlobalOptions(command).map(flagItem)],
    ['More:', command.parent ? [] : MORE],
  ];
  const termWidth = Math.max(...sections.flatMap(([, items]) => items.map(([term]) => term.length)));
  return [
    wrapWords(`Usage: ${helper.commandUsage(command)}`, width, 7),
    '',
    wrapWords(helper.commandDescription(command), width),
    '',
    ...sections
      .filter(([, items]) => items.length > 0)
      .flatMap(([heading, items]) => [
        heading,
        ...items.map((item) => itemLines(item, termWidth, width)),
        '',
      ]),
  ].join('\n');
}

function itemLines([term, description]: Item, termWidth: number, width: number): string {
  if (width < NARROW) return `  ${term}\n      ${wrapWords(description, width, 6)}`;
  const indent = termWidth + 4;
  return `  ${term.padEnd(termWidth)}  ${wrapWords(description, width, indent)}`;
}

function commandSections(command: Command, helper: Help): Section[] {
  const sections = new Map<string, Item[]>();
  for (const each of helper.visibleCommands(command)) {
    const heading = each.helpGroup() || 'Commands:';
    const items = sections.get(heading) ?? [];
    items.push([each.name(), each.summary()]);
    sections.set(heading, items);
  }
  return [...sections];
}

function flagItem(option: Option): Item {
  const choices = option.argChoices ? ` (${option.argChoices.join(', ')})` : '';
  const usual = ['string', 'number'].includes(typeof option.defaultValue)
    ? ` (usually ${String(option.defaultValue)})`
    : '';
  return [option.flags, `${option.description}${choices}${usual}`];
}
