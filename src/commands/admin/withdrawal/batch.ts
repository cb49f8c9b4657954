import { rmdirSync } from 'node:fs';
import { Command, Option } from 'commander';
import type { OkpayClient } from '../../../core/client.ts';
import type { Input, Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { writeNewFile } from '../../new-file.ts';
import { writeNewFolder, type FilePiece } from '../../new-folder.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { batchesTable } from '../../show/staff-withdrawal.ts';
import { untilInterrupted } from '../../until-interrupted.ts';

export type Options = ReasonOptions & {
  batch?: string;
  out?: string;
  list?: boolean;
  currency?: string;
  from?: string;
  format: NonNullable<Input<'batch-withdrawals'>['version']>;
  on?: string;
};

type Batch = Output<'batch-withdrawals'>['batches'][number];

/** `okpay admin withdrawal batch`: puts what is approved into pain.001 files for the bank. */
export function batchWithdrawalsCommand(run: Run<Options> = batchWithdrawals) {
  const command = new Command()
    .description(
      'Puts approved withdrawals together, for each account and currency, and writes one pain.001 file for each into a new folder that only you can read. With a batch, its file is written once more, byte for byte the same.',
    )
    .argument('[batch]', 'a batch that was made before, to write its file again')
    .option('--out <path>', 'the new folder, or for one batch the new file')
    .option('--list', 'only list the batches that were made')
    .option('--currency <code>', 'only this currency')
    .option('--from <iban>', 'pay from this account of the wallet, where there are several')
    .addOption(
      new Option('--format <format>', 'the version the bank takes')
        .choices(['pain.001.001.09', 'pain.001.001.03'])
        .default('pain.001.001.09'),
    )
    .option('--on <day>', 'the day on which the bank is to pay; today when not given');
  return declare(withReason(command), run);
}

async function batchWithdrawals(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  if (options.list) return listBatches(context, client);
  const { out } = options;
  if (out === undefined)
    throw new Refusal('usage_invalid', {
      reason: 'Say where the files go (--out).',
      next: 'okpay admin withdrawal batch --out FOLDER',
    });
  const reason = await readReason(context, options);
  if (options.batch !== undefined) return writeAgain(context, client, options.batch, out, reason);
  const { currency, from, format, on } = options;
  const input = {
    version: format,
    reason,
    ...(currency === undefined ? {} : { currency }),
    ...(from === undefined ? {} : { iban: from }),
    ...(on === undefined ? {} : { executeOn: on }),
  };
  let batches: Batch[] = [];
  const make = async function* (): AsyncGenerator<FilePiece> {
    // Only once the folder has a place to be is anything put together.
    ({ batches } = await client.call('batch-withdrawals', input));
    for (const batch of batches)
      for await (const text of untilInterrupted(
        context,
        await client.stream('write-batch', { batch: batch.id, reason }),
      ))
        yield { file: batch.fileName, text };
  };
  try {
    await writeNewFolder(out, make());
    if (batches.length === 0) rmdirSync(out);
  } catch (error) {
    for (const { id } of batches)
      context.show.note(
        `${id} was made, and its file is not written yet: okpay admin withdrawal batch ${id} --out FILE`,
      );
    throw error;
  }
  await context.show.answer({ folder: out, batches }, (pen) => [
    batchesTable(batches, 'Nothing waits to go to the bank.', pen),
    batches.length > 0 ? `The files are in ${pen.text(out, 500)}. Give them to the bank.` : undefined,
  ]);
}

async function writeAgain(
  context: Context,
  client: OkpayClient,
  batch: string,
  out: string,
  reason: string,
): Promise<void> {
  const text = async function* () {
    yield* await client.stream('write-batch', { batch, reason });
  };
  await writeNewFile(out, untilInterrupted(context, text()), false);
  await context.show.answer({ file: out, batch }, (pen) => [
    `The file of ${pen.text(batch)} was written to ${pen.text(out, 500)}, as it was before.`,
  ]);
}

async function listBatches(context: Context, client: OkpayClient): Promise<void> {
  const answer = await client.call('list-batches', {});
  await context.show.answer(answer, (pen) => [batchesTable(answer.batches, 'None was made yet.', pen)]);
}
