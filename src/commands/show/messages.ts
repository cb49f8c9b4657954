import type { Pen } from './pen.ts';
import type { Block } from './blocks.ts';

/** The longest message, in characters. */
const LONGEST = 4_000;

/** A message of a case under a line that says who wrote it and when; each of its lines is indented and made harmless. */
export function messageBlocks(
  { at, text }: { readonly at: string; readonly text: string },
  author: string,
  pen: Pen,
): Block[] {
  return ['', `${pen.strong(author)}  ${pen.dim(pen.time(at))}`, textBlock(text, pen)];
}

/** Other people's text of several lines, indented. */
export function textBlock(text: string, pen: Pen, indent = '  '): string {
  return text
    .split(/\r\n|[\n\r]/)
    .map((line) => `${indent}${pen.text(line, LONGEST)}`)
    .join('\n');
}
