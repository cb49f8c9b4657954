import { Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { bringOut, formatFor, withFile, type FileOptions } from './export-text.ts';
import { monthInput, withMonth, type MonthOptions } from './month.ts';

export type Options = FileOptions & MonthOptions;

/** `okpay statement --month 2026-10`: a month of one's accounts as a document. */
export function statementCommand(run: Run<Options> = statement) {
  const command = new Command().description(
    'A month of your accounts: opening balance, every entry with the balance after it, closing balance. As text, JSON, a bank statement (camt.053), or a page made for printing.',
  );
  return declare(withFile(withMonth(command)), run);
}

async function statement(context: Context, options: Options): Promise<void> {
  const format = formatFor(context, options.format, 'okpay statement', options);
  await bringOut(context, 'get-statement', { ...monthInput(options), format }, options, () => ({
    title: 'The statement was written.',
  }));
}
