import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { bringOut, formatFor, withFile, type FileOptions } from '../../export-text.ts';
import { monthInput, withMonth, type MonthOptions } from '../../month.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = FileOptions & MonthOptions & ReasonOptions & { holder: string };

/** `okpay admin export statement --holder WHO`: a month of a holder's accounts, as they can have it themselves. */
export function exportStatementCommand(run: Run<Options> = exportStatement) {
  const command = new Command().requiredOption(
    '--holder <who>',
    'whose accounts: an id, e-mail address or phone number',
  );
  return declare(withReason(withFile(withMonth(command))), run);
}

async function exportStatement(context: Context, options: Options): Promise<void> {
  const { holder } = options;
  const reason = await readReason(context, options);
  const format = formatFor(context, options.format, 'okpay admin export statement', options);
  const input = { ...monthInput(options), format, holder, reason };
  await bringOut(context, 'export-statement', input, options, () => ({
    title: 'The statement was written.',
  }));
}
