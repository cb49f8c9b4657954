/** How much of other people's text is shown when nothing else is said, in characters. */
const MAXIMUM_LENGTH = 200;

/**
 * What must not reach a terminal from somebody else's text: controls (among them ESC and the C1 set), format characters
 * (bidi overrides and isolates, zero width, tags), line and paragraph separators, surrogates, private use, and all that
 * Unicode says is to be drawn as nothing. The two common variation selectors stay: emoji need them.
 */
const HARMFUL =
  /(?![\uFE0E\uFE0F])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** More marks on one letter than any language stacks: they would paint over the lines above and below. */
const STACKED_MARKS = /(\p{M}{4})(\p{M}+)/gu;

/**
 * Text that other people wrote, made fit to be shown in a terminal on one line: what is harmful becomes a visible mark
 * such as `‹U+202E›`, a line break `⏎`, a tab `⇥`; a long text is cut and ends in `…`.
 */
export function safeText(text: string, maximumLength: number = MAXIMUM_LENGTH): string {
  const letters = [...text];
  const cut = letters.length > maximumLength ? `${letters.slice(0, maximumLength - 1).join('')}…` : text;
  return cut
    .replace(/\r\n|[\n\r\u0085\u2028\u2029]/g, '⏎')
    .replaceAll('\t', '⇥')
    .replace(HARMFUL, mark)
    .replace(STACKED_MARKS, (_, first: string, rest: string) => `${first}‹+${[...rest].length}›`);
}

/** Like safeText for a text of several lines that okpay itself composed: its line breaks stay, the rest is made harmless. */
export function safeLines(text: string): string {
  return text
    .split('\n')
    .map((line) => safeText(line, 2_000))
    .join('\n');
}

function mark(character: string): string {
  return `‹U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}›`;
}
