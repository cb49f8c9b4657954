import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Output } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { checkReadable } from '../../readable-file.ts';
import { table } from '../../show/blocks.ts';

export type Options = { file: string[] };

type Report = Output<'import-statement'>;

/** `okpay admin deposit import FILE...`: books camt.053 bank statements; each file whole, or not at all. */
export function importDepositCommand(run: Run<Options> = importDeposit) {
  return declare(new Command().argument('<file...>', 'camt.053 statements, XML'), run);
}

async function importDeposit(context: Context, { file: files }: Options): Promise<void> {
  const client = await context.client();
  const done: { file: string; statements: Report['statements'] }[] = [];
  for (const file of files) {
    checkReadable(file);
    try {
      const body = createReadStream(file) as AsyncIterable<Uint8Array>;
      done.push({ file, ...(await client.call('import-statement', {}, { body })) });
    } catch (error) {
      if (done.length > 0)
        context.show.note(`Booked before this: ${done.map((each) => each.file).join(', ')}.`);
      if (error instanceof Refusal && error.code === 'statement_invalid') {
        throw new Refusal('statement_invalid', { ...error.facts, file });
      }
      throw error;
    }
  }
  await context.show.answer({ files: done }, (pen) => [
    table(
      [
        'Statement',
        'Account',
        ...['Entries', 'Credited', 'Withdrawals', 'Suspense', 'Already booked', 'Not booked'].map(
          (title) => ({
            title,
            align: 'right' as const,
          }),
        ),
      ],
      done.flatMap(({ statements }) =>
        statements.map((each) => [
          pen.text(each.id),
          `${pen.text(each.account)} ${pen.text(each.currency)}`,
          String(each.entries),
          String(each.credited),
          String(each.withdrawals),
          String(each.suspense),
          String(each.alreadyBooked),
          String(each.notBooked),
        ]),
      ),
      'The files hold no statements.',
    ),
    ...done.flatMap(({ statements }) =>
      statements.flatMap(({ id, findings }) =>
        findings.map(({ text }) => pen.warn(`${pen.text(id)}: ${pen.text(text, 300)}`)),
      ),
    ),
    done.some(({ statements }) => statements.some(({ findings }) => findings.length > 0))
      ? `Next: ${pen.strong('okpay admin reconcile')}`
      : undefined,
    done.some(({ statements }) => statements.some(({ suspense }) => suspense > 0))
      ? `Next: ${pen.strong('okpay admin suspense list')}`
      : undefined,
  ]);
}
