import { Command } from 'commander';
import { readBundle } from '../../../core/account-bundle.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readOffset } from '../../export-text.ts';
import { writeNewFolder } from '../../new-folder.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { facts } from '../../show/blocks.ts';
import { untilInterrupted } from '../../until-interrupted.ts';

export type Options = ReasonOptions & { holder: string; out: string; offset?: string };

/** `okpay admin export account HOLDER --out FOLDER`: all that is known of one account, as files with their digests. */
export function exportAccountCommand(run: Run<Options> = exportAccount) {
  const command = new Command()
    .argument('<holder>', 'an id, e-mail address or phone')
    .requiredOption('--out <folder>', 'a new folder to write into, for your eyes only')
    .option(
      '--offset <offset>',
      'write times of transactions and activity at this offset, such as +02:00',
      readOffset,
    );
  return declare(withReason(command), run);
}

async function exportAccount(context: Context, options: Options): Promise<void> {
  const { holder, out, offset } = options;
  const reason = await readReason(context, options);
  const stream = async function* () {
    const client = await context.client();
    yield* await client.stream('export-account', {
      holder,
      reason,
      ...(offset === undefined ? {} : { offset }),
    });
  };
  await writeNewFolder(out, readBundle(untilInterrupted(context, stream())));
  await context.show.answer({ folder: out }, (pen) => [
    'All that is known of the account was written.',
    facts(['Folder', pen.text(out, 500)]),
    `Check it with: ${pen.strong(`cd ${pen.text(out, 500)} && sha256sum -c SHA256SUMS`)}`,
  ]);
}
