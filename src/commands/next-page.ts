import { sameFor, type Context } from './context.ts';

type Flags = Readonly<Record<string, unknown>>;

/** Says that there is more, and which command shows it: the same one, with the cursor. */
export function noteNextPage(
  context: Context,
  command: { readonly words: string; readonly args?: readonly string[]; readonly flags: Flags },
  cursor: string | undefined,
  said = 'There is more',
): void {
  if (cursor === undefined) return;
  const { words, args = [], flags } = command;
  context.show.note(`${said}: ${sameFor(commandLine(words, args, { ...flags, cursor }), context.flags)}`);
}

/** A command line with these flags and arguments, ready to be typed; flags without a value are left out. */
function commandLine(words: string, args: readonly string[], flags: Flags): string {
  const given = Object.entries(flags).flatMap(([name, value]) => {
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (value === true) return [flag];
    return typeof value === 'string' || typeof value === 'number' ? [`${flag} ${quoted(String(value))}`] : [];
  });
  return [words, ...args.map(quoted), ...given].join(' ');
}

function quoted(word: string): string {
  return /^[\w@.:+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
