/**
 * The plain loop that `bench/export.ts` measures against where there is no sqlite3: the rows of one question, as CSV.
 * `node bench/export-loop.ts DATABASE SQL FILE`.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const PIECE = 65_536;

const [database = '', sql = '', file = ''] = process.argv.slice(2);
const statement = new DatabaseSync(database, { readOnly: true }).prepare(sql);
statement.setReturnArrays(true);
const out = openSync(file, 'w', 0o600);
let text = `${statement
  .columns()
  .map(({ name }) => name)
  .join(',')}\r\n`;
for (const row of statement.iterate() as Iterable<unknown>) {
  text += `${(row as (string | number | null)[]).map(cell).join(',')}\r\n`;
  if (text.length < PIECE) continue;
  writeSync(out, text);
  text = '';
}
writeSync(out, text);
closeSync(out);

function cell(value: string | number | null): string {
  const plain = String(value ?? '');
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
