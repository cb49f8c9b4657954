import { widthOf } from './width-of.ts';

/**
 * Breaks a text between words so that no line is wider than `width` columns, where words allow it: a word is never
 * broken, so that ids, paths and commands can be copied. Lines after the first are indented. Blanks that begin a line stay.
 */
export function wrapWords(text: string, width: number, indent = 0): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, width - indent, ' '.repeat(indent)))
    .join('\n');
}

function wrapLine(text: string, width: number, indent: string): string {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`;
    if (line === undefined || widthOf(longer) <= width) line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].join(`\n${indent}`);
}
