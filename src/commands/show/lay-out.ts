import { stripVTControlCharacters } from 'node:util';
import type { Block, Facts, Table } from './blocks.ts';
import type { Pen } from './pen.ts';

/** Below this many columns a table becomes one block of `label: value` lines for each row. */
const NARROW = 60;

/** The text of blocks for a terminal `width` columns wide (Infinity in a pipe), ending in a line break. */
export async function layOut(blocks: readonly Block[], pen: Pen, width: number): Promise<string> {
  let text = '';
  for (const block of blocks) {
    if (block === undefined) continue;
    if (typeof block === 'string') text += `${block}\n`;
    else if (block.kind === 'facts') text += factLines(block, pen);
    else text += await tableLines(block, pen, width);
  }
  return text;
}

function factLines({ rows }: Facts, pen: Pen): string {
  const widest = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `${pen.dim(`${label}:`.padEnd(widest + 2))}${value}\n`).join('');
}

async function tableLines(table: Table, pen: Pen, width: number): Promise<string> {
  if (table.rows.length === 0) return `${table.empty}\n`;
  if (width < NARROW) return stacked(table, pen);
  const { default: CliTable } = await import('cli-table3');
  const drawn = new CliTable({
    head: table.columns.map(({ title }) => pen.dim(title)),
    colAligns: table.columns.map(({ align }) => align ?? 'left'),
    chars: NO_LINES,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
  });
  drawn.push(...table.rows.map((row) => [...row]));
  const text = drawn
    .toString()
    .split('\n')
    .map((line) => `${line.trimEnd()}\n`);
  const widest = Math.max(...text.map((line) => stripVTControlCharacters(line).length - 1));
  return widest > width ? stacked(table, pen) : text.join('');
}

function stacked({ columns, rows }: Table, pen: Pen): string {
  return rows
    .map((row) =>
      factLines(
        { kind: 'facts', rows: columns.map(({ title }, at) => [title, row[at] ?? ''] as const) },
        pen,
      ),
    )
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
  middle: '  ',
};
