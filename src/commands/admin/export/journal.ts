import { Command, Option } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { exportText, withFile, type FileOptions } from '../../export-text.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = FileOptions & ReasonOptions & { format: Input<'export-journal'>['format'] };

/** `okpay admin export journal`: the whole book as text, to stdout or into a new file. */
export function exportJournalCommand(run: Run<Options> = exportJournal) {
  const command = new Command().addOption(
    new Option('--format <format>', 'who is to read it')
      .choices(['hledger', 'beancount', 'csv', 'jsonl'])
      .makeOptionMandatory(),
  );
  return declare(withReason(withFile(command)), run);
}

async function exportJournal(context: Context, options: Options): Promise<void> {
  const { format, out = '' } = options;
  const reason = await readReason(context, options);
  await exportText(context, 'export-journal', { format, reason }, options, (pen) => ({
    title: 'The whole book was written.',
    next: format === 'hledger' ? `hledger -f ${pen.text(out, 500)} balance` : undefined,
  }));
}
