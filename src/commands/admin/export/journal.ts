import { Command, Option } from 'commander';
import type { Input } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { writeNewFile } from '../../new-file.ts';
import { facts } from '../../show/blocks.ts';

export type Options = { format: Input<'export-journal'>['format']; out?: string; force?: boolean };

/** `okpay admin export journal`: the whole book as text, to stdout or into a new file. */
export function exportJournalCommand(run: Run<Options> = exportJournal) {
  const command = new Command()
    .addOption(
      new Option('--format <format>', 'who is to read it')
        .choices(['hledger', 'beancount', 'csv', 'jsonl'])
        .makeOptionMandatory(),
    )
    .option('--out <file>', 'write it here, for your eyes only; stdout when not given')
    .option('--force', 'replace the file if it exists');
  return declare(command, run);
}

async function exportJournal(context: Context, { format, out, force = false }: Options): Promise<void> {
  const { show } = context;
  if (show.json && out === undefined && format !== 'jsonl')
    throw new Refusal('usage_invalid', {
      reason: `A book for ${format} is not JSON: with --json say --out FILE, or take --format jsonl.`,
      next: 'okpay admin export journal --format jsonl --json',
    });
  const client = await context.client();
  const text = await client.stream('export-journal', { format });
  if (out === undefined) return show.raw(text);
  await writeNewFile(out, untilInterrupted(context, text), force);
  await show.answer({ file: out, format }, (pen) => [
    'The whole book was written.',
    facts(['File', pen.text(out, 500)], ['Format', format]),
    format === 'hledger' ? `Next: ${pen.strong(`hledger -f ${pen.text(out, 500)} balance`)}` : undefined,
  ]);
}

/** The pieces until Ctrl-C; then it throws `interrupted`, so that half a file is taken away. */
async function* untilInterrupted(
  { onInterrupt }: Pick<Context, 'onInterrupt'>,
  pieces: AsyncIterable<string>,
): AsyncGenerator<string> {
  let isPressed = false;
  let stopWaiting = (): void => undefined;
  onInterrupt(() => {
    isPressed = true;
    stopWaiting();
  });
  const iterator = pieces[Symbol.asyncIterator]();
  try {
    while (!isPressed) {
      // A race with one promise for all pieces would keep every piece until the end.
      const next = await new Promise<IteratorResult<string>>((resolve, reject) => {
        stopWaiting = () => reject(new Refusal('interrupted'));
        iterator.next().then(resolve, reject);
      });
      if (next.done) return;
      yield next.value;
    }
    throw new Refusal('interrupted');
  } finally {
    // A piece that is still awaited lets go when it comes: nobody waits for that.
    void iterator.return?.().catch(() => undefined);
  }
}
