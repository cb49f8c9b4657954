import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { checkReadable } from '../../readable-file.ts';
import { table } from '../../show/blocks.ts';

export type Options = { file: string[] };

/** `okpay admin withdrawal import FILE...`: takes what the bank says of files it was given (pain.002). */
export function importReportCommand(run: Run<Options> = importReport) {
  return declare(new Command().argument('<file...>', 'pain.002 status reports, XML'), run);
}

async function importReport(context: Context, { file: files }: Options): Promise<void> {
  const client = await context.client();
  const done: ({ file: string } & Output<'import-report'>)[] = [];
  for (const file of files) {
    checkReadable(file);
    try {
      const body = createReadStream(file) as AsyncIterable<Uint8Array>;
      done.push({ file, ...(await client.call('import-report', {}, { body })) });
    } catch (error) {
      if (done.length > 0)
        context.show.note(`Taken before this: ${done.map((each) => each.file).join(', ')}.`);
      if (error instanceof Refusal && error.code === 'report_invalid')
        throw new Refusal('report_invalid', { ...error.facts, file });
      throw error;
    }
  }
  for (const { file, unknown } of done)
    for (const { line, endToEndId, reason } of unknown)
      context.show.note(`${file}, line ${line}: ${endToEndId}: ${reason}. Nothing was done about it.`);
  await context.show.answer({ files: done }, (pen) => [
    table(
      [
        'File',
        'Batch',
        ...['Sent', 'Failed', 'Unchanged', 'Not ours'].map((title) => ({ title, align: 'right' as const })),
      ],
      done.map((each) => [
        pen.text(each.file, 200),
        pen.text(each.batch ?? ''),
        String(each.sent),
        String(each.failed),
        String(each.unchanged),
        String(each.unknownCount),
      ]),
      '',
    ),
  ]);
}
