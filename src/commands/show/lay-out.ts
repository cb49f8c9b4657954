import type { Block, Facts, Table } from './blocks.ts';
import type { Pen } from './pen.ts';
import { wrapWords } from './wrap-words.ts';
import { widthOf } from './width-of.ts';

/** Below this many columns a table becomes one block of `label: value` lines for each row. */
const NARROW = 60;
/** The least a column of sentences is narrowed to before its table becomes blocks, in columns. */
const NARROWEST_COLUMN = 24;
const GAP = '  ';

/** The text of blocks for a terminal `width` columns wide (Infinity in a pipe), ending in a line break. */
export async function layOut(blocks: readonly Block[], pen: Pen, width: number): Promise<string> {
  let text = '';
  for (const block of blocks) {
    if (block === undefined) continue;
    if (typeof block === 'string') text += `${wrapWords(block, width)}\n`;
    else if (block.kind === 'facts') text += factLines(block, pen, width);
    else text += await tableLines(block, pen, width);
  }
  return text;
}

function factLines({ rows }: Facts, pen: Pen, width: number): string {
  const indent = Math.max(...rows.map(([label]) => label.length)) + 2;
  return rows
    .map(([label, value]) => `${pen.dim(`${label}:`.padEnd(indent))}${wrapWords(value, width, indent)}`)
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

async function tableLines(table: Table, pen: Pen, width: number): Promise<string> {
  if (table.rows.length === 0) return `${wrapWords(table.empty, width)}\n`;
  const widths = width < NARROW ? undefined : columnWidths(table, width);
  if (!widths) return stacked(table, pen, width);
  const { default: CliTable } = await import('cli-table3');
  const drawn = new CliTable({
    head: table.columns.map(({ title }) => pen.dim(title)),
    colAligns: table.columns.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...table.rows.map((row) => row.map((cell, at) => wrapWords(cell, widths[at] ?? Infinity))));
  return drawn
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/**
 * How wide each column may be so that the table fits: one column of sentences gives way. Undefined when it does not
 * fit, or only by breaking a word: an id that is cut is of no use.
 */
function columnWidths({ columns, rows }: Table, width: number): number[] | undefined {
  const widest = (texts: readonly string[]) => Math.max(...texts.map((text) => widthOf(text)));
  const widths = columns.map(({ title }, at) => widest([title, ...rows.map((row) => row[at] ?? '')]));
  const excess = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length) - width;
  if (excess <= 0) return widths;
  for (const [at, { title }] of columns.entries()) {
    const narrowed = (widths[at] ?? 0) - excess;
    const words = [title, ...rows.flatMap((row) => (row[at] ?? '').split(' '))];
    if (narrowed >= NARROWEST_COLUMN && widest(words) <= narrowed) return widths.with(at, narrowed);
  }
  return undefined;
}

function stacked({ columns, rows }: Table, pen: Pen, width: number): string {
  return rows
    .map((row) => columns.map(({ title }, at) => [title, row[at] ?? ''] as const))
    .map((each) => ({ kind: 'facts' as const, rows: each.filter(([, value]) => value !== '') }))
    .map((each) => factLines(each, pen, width))
    .join('\n');
}

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};
