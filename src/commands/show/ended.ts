import { table, type Table } from './blocks.ts';
import type { Pen } from './pen.ts';

/** Sessions and tokens that have ended, for people; undefined when there are none. */
export function endedTable(
  pen: Pen,
  sessions: readonly { readonly id: string; readonly device: string }[],
  tokens: readonly { readonly id: string; readonly name: string }[] = [],
): Table | undefined {
  const rows = [
    ...sessions.map(({ id, device }) => [pen.text(id), 'session', pen.text(device, 40)]),
    ...tokens.map(({ id, name }) => [pen.text(id), 'token', pen.text(name, 40)]),
  ];
  return rows.length === 0 ? undefined : table(['Ended', 'What', 'Device or name'], rows, '');
}
