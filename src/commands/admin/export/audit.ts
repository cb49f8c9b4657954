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

export type Options = FileOptions & RowsOptions & ReasonOptions & { holder?: string };

/** `okpay admin export audit`: the audit log as text, to stdout or into a new file. */
export function exportAuditCommand(run: Run<Options> = exportAudit) {
  const command = new Command().option(
    '--holder <who>',
    'only what is about this holder: an id, e-mail address or phone',
  );
  return declare(withReason(withFile(withRows(command))), run);
}

async function exportAudit(context: Context, options: Options): Promise<void> {
  const { holder } = options;
  const reason = await readReason(context, options);
  const input = { reason, ...rowsOf(options), ...(holder === undefined ? {} : { holder }) };
  await exportText(context, 'export-audit', input, options, () => ({ title: 'The audit log was written.' }));
}
