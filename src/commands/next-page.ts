/** A command line with these flags and arguments, ready to be typed; flags without a value are left out. */
export function commandLine(
  words: string,
  args: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): string {
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
