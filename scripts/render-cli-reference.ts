import { describe, type Description } from '../src/commands/describe.ts';
import { EXIT_CODES } from '../src/commands/help/exit-codes.ts';
import { VARIABLES } from '../src/commands/help/environment.ts';
import { buildWholeProgram } from '../src/commands/program.ts';
import { TREE } from '../src/commands/tree.ts';
import { cell, table } from './markdown.ts';

/** The text of docs/cli.md: every command with its arguments and flags, the exit codes, the environment. */
export async function renderCliReference(): Promise<string> {
  const root = describe(await buildWholeProgram(TREE));
  const commands = everyBelow(root);
  const lines = [
    '# The okpay command',
    '',
    'Made from the command tree by `npm run reference`: do not edit. In a terminal, `okpay help COMMAND` says the same.',
    '',
    table(
      ['Command', ''],
      commands
        .filter((each) => each.commands.length === 0)
        .map((each) => [`[\`okpay ${each.words}\`](#${anchorOf(each)})`, cell(each.summary)]),
    ),
    '',
    '## Flags of every command',
    '',
    flagTable(root),
    '',
    ...commands.flatMap(commandLines),
    '## Exit codes',
    '',
    table(
      ['Code', 'Meaning', 'And then'],
      EXIT_CODES.map(([code, meaning, andThen]) => [String(code), cell(meaning), cell(andThen)]),
    ),
    '',
    '## Environment',
    '',
    'A flag goes before the environment, which goes before the profile.',
    '',
    table(
      ['Variable', 'Meaning'],
      VARIABLES.map(([name, meaning]) => [`\`${name}\``, cell(meaning)]),
    ),
    '',
  ];
  return lines.join('\n');
}

function everyBelow(command: Description): Description[] {
  return command.commands.flatMap((each) => [each, ...everyBelow(each)]);
}

function commandLines(command: Description): string[] {
  const places = command.arguments.map(({ name, required, variadic }) => {
    const word = `${name}${variadic ? '...' : ''}`;
    return required ? `<${word}>` : `[${word}]`;
  });
  const line = ['okpay', command.words, ...(command.commands.length > 0 ? ['<command>'] : places)].join(' ');
  return [
    `## okpay ${command.words}`,
    '',
    `${command.summary}.`,
    '',
    ...(command.commands.length > 0
      ? command.commands.map(
          (each) => `- [\`okpay ${each.words}\`](#${anchorOf(each)}): ${cell(each.summary)}`,
        )
      : ['```text', `${line}${command.flags.length > 0 ? ' [flags]' : ''}`, '```']),
    '',
    ...(command.arguments.length > 0
      ? [
          table(
            ['Argument', ''],
            command.arguments.map(({ name, description, choices }) => [
              `\`${name}\``,
              cell(description) + oneOf(choices),
            ]),
          ),
          '',
        ]
      : []),
    ...(command.flags.length > 0 ? [flagTable(command), ''] : []),
  ];
}

function flagTable({ flags }: Description): string {
  return table(
    ['Flag', ''],
    flags.map(({ flags: words, description, choices, usually }) => [
      `\`${words}\``,
      `${cell(description)}${oneOf(choices)}${usually === undefined ? '' : ` (usually \`${usually}\`)`}`,
    ]),
  );
}

function oneOf(choices: readonly string[] | undefined): string {
  return choices === undefined ? '' : `: ${choices.map((each) => `\`${each}\``).join(', ')}`;
}

function anchorOf({ words }: Description): string {
  return `okpay-${words.replaceAll(' ', '-')}`;
}
