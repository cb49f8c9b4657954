import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Input } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { readDay } from './day.ts';
import { writeNewFile } from './new-file.ts';
import { facts, type Block } from './show/blocks.ts';
import type { Pen } from './show/pen.ts';
import { untilInterrupted } from './until-interrupted.ts';

export type FileOptions = { out?: string; force?: boolean };

/** Adds where an export goes. */
export function withFile(command: Command): Command {
  return command
    .option('--out <file>', 'write it here, for your eyes only; stdout when not given')
    .option('--force', 'replace the file if it exists');
}

type Rows = Pick<Input<'export-audit'>, 'format' | 'since' | 'until' | 'offset'>;
export type RowsOptions = { since?: string; until?: string; offset?: string; format: Rows['format'] };

/** Adds which rows of an export, and how they and their times are written. */
export function withRows(command: Command): Command {
  return command
    .option('--since <day>', 'from this day or RFC 3339 time on')
    .option('--until <day>', 'to the end of this day, or until this RFC 3339 time')
    .option(
      '--offset <offset>',
      'write times, and read days, at this offset such as +02:00; UTC when not given',
      readOffset,
    )
    .addOption(new Option('--format <format>', 'how it is written').choices(['csv', 'jsonl']).default('csv'));
}

/** Checks an offset from UTC as ISO 8601 writes it. */
export function readOffset(text: string): string {
  if (/^[+-]\d\d:\d\d$/.test(text) && !Number.isNaN(Date.parse(`1970-01-01T00:00:00${text}`))) return text;
  throw new InvalidArgumentError('It is hours and minutes from UTC, such as +02:00 or -03:30.');
}

/** Which rows, as the service takes it: days are those of the export, not of the machine. */
export function rowsOf({ since, until, offset, format }: RowsOptions): Rows {
  const days = offset ?? '+00:00';
  return {
    format,
    ...(since === undefined ? {} : { since: readDay(since, '--since', false, days) }),
    ...(until === undefined ? {} : { until: readDay(until, '--until', true, days) }),
    ...(offset === undefined ? {} : { offset }),
  };
}

type Exported = 'export-journal' | 'export-transactions' | 'export-audit';
type Document = 'get-receipt' | 'get-statement' | 'export-statement';
/** What people read when the file is there. */
type Done = (pen: Pen) => { readonly title: string; readonly next?: string | undefined };

/**
 * Brings an export out: to stdout, or into a new file, whole or not at all. The service is only asked once the file has a
 * place to be.
 */
export async function exportText<Name extends Exported>(
  context: Context,
  operation: Name,
  input: Input<Name>,
  options: FileOptions,
  done: Done,
): Promise<void> {
  const { format } = input;
  // What streams as JSON Lines is what --json asks for.
  const command = `okpay admin export ${operation.slice('export-'.length)} --format jsonl --json --reason TEXT`;
  checkIsJson(context, format, 'jsonl', command, options);
  await bringOut(context, operation, input, options, done);
}

/** How a document is written: as it was asked for, or else as JSON with --json and as text without. */
export function formatFor<Format extends string>(
  context: Context,
  asked: Format | undefined,
  command: string,
  options: FileOptions,
): Format | 'json' | 'text' {
  const format = asked ?? (context.show.json && options.out === undefined ? 'json' : 'text');
  checkIsJson(context, format, 'json', `${command} --json`, options);
  return format;
}

function checkIsJson(
  { show }: Context,
  format: string,
  json: 'json' | 'jsonl',
  next: string,
  { out }: FileOptions,
): void {
  if (!show.json || out !== undefined || format === json) return;
  throw new Refusal('usage_invalid', {
    reason: `A text for ${format} is not JSON: with --json say --out FILE, or take --format ${json}.`,
    next,
  });
}

/** Brings a text out: to stdout, or into a new file, whole or not at all. */
export async function bringOut<Name extends Exported | Document>(
  context: Context,
  operation: Name,
  input: Input<Name>,
  { out, force = false }: FileOptions,
  done: Done,
): Promise<void> {
  const { show } = context;
  const text = async function* () {
    const client = await context.client();
    yield* await client.stream(operation, input);
  };
  if (out === undefined) return show.raw(text());
  await writeNewFile(out, untilInterrupted(context, text()), force);
  const format = input.format ?? 'text';
  await show.answer({ file: out, format }, (pen): readonly Block[] => {
    const { title, next } = done(pen);
    return [
      title,
      facts(['File', pen.text(out, 500)], ['Format', format]),
      next && `Next: ${pen.strong(next)}`,
    ];
  });
}
