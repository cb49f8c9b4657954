import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import {
  exportText,
  rowsOf,
  withFile,
  withRows,
  type FileOptions,
  type RowsOptions,
} from '../../export-text.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = FileOptions & RowsOptions & ReasonOptions & { holder?: string; currency?: string };

/** `okpay admin export transactions`: transfers as text, all or one holder's, to stdout or into a new file. */
export function exportTransactionsCommand(run: Run<Options> = exportTransactions) {
  const command = new Command()
    .option('--holder <who>', 'only what changed the balances of this holder: an id, e-mail address or phone')
    .option('--currency <code>', 'only this currency, such as EUR');
  return declare(withReason(withFile(withRows(command))), run);
}

async function exportTransactions(context: Context, options: Options): Promise<void> {
  const { holder, currency } = options;
  const reason = await readReason(context, options);
  const input = {
    reason,
    ...rowsOf(options),
    ...(holder === undefined ? {} : { holder }),
    ...(currency === undefined ? {} : { currency }),
  };
  await exportText(context, 'export-transactions', input, options, () => ({
    title: 'The transfers were written.',
  }));
}
