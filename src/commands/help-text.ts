import type { Command, Help, HelpConfiguration, Option } from 'commander';

type Item = readonly [term: string, description: string];
type Section = readonly [heading: string, items: readonly Item[]];

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
  ];
  const termWidth = Math.max(...sections.flatMap(([, items]) => items.map(([term]) => term.length)));
  return [
    `Usage: ${helper.commandUsage(command)}`,
    '',
    helper.boxWrap(helper.commandDescription(command), width),
    '',
    ...sections
      .filter(([, items]) => items.length > 0)
      .flatMap(([heading, items]) => [
        heading,
        ...items.map(([term, description]) => helper.formatItem(term, termWidth, description, helper)),
        '',
      ]),
  ].join('\n');
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
  const usual =
    option.defaultValue === undefined || typeof option.defaultValue === 'boolean'
      ? ''
      : ` (usually ${String(option.defaultValue)})`;
  return [option.flags, `${option.description}${choices}${usual}`];
}
