import { Command, Option } from 'commander';
import type { Input } from '../../core/contract/operations.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { bringOut, formatFor, withFile, type FileOptions } from '../export-text.ts';

export type Options = FileOptions & { id: string; format?: Input<'get-receipt'>['format'] };

/** `okpay receipt get ID`: a transfer as a document to show to others. */
export function getReceiptCommand(run: Run<Options> = getReceipt) {
  const command = new Command()
    .description('A transfer as a document to show to others: text, JSON, or a page made for printing.')
    .argument('<id>', 'the transfer, as `okpay history` shows it')
    .addOption(
      new Option('--format <format>', 'how it is written; text when not given').choices([
        'text',
        'json',
        'html',
      ]),
    );
  return declare(withFile(command), run);
}

async function getReceipt(context: Context, options: Options): Promise<void> {
  const format = formatFor(context, options.format, `okpay receipt get ${options.id}`, options);
  await bringOut(context, 'get-receipt', { transfer: options.id, format }, options, () => ({
    title: 'The receipt was written.',
  }));
}
