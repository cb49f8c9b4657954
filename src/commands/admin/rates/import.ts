import { createReadStream } from 'node:fs';
import { Command } from 'commander';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Output } from '../../../core/contract/operations.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readHours } from '../../good-for.ts';
import { checkReadable } from '../../readable-file.ts';
import { ratesBlocks } from '../../show/rates.ts';

export type Options = { file: string[]; goodFor?: string };

/** `okpay admin rates import FILE...`: takes reference rates of the ECB; each file whole, or not at all. */
export function importRatesCommand(run: Run<Options> = importRates) {
  const command = new Command()
    .argument('<file...>', 'daily or historical rates, XML or CSV, as the ECB writes them (unzipped)')
    .option('--good-for <span>', 'how long prices are made of them, such as 6d; six days unless said');
  return declare(command, run);
}

async function importRates(context: Context, { file: files, goodFor }: Options): Promise<void> {
  const input = goodFor === undefined ? {} : { goodForHours: readHours(goodFor, '--good-for') };
  const client = await context.client();
  const done: ({ file: string } & Output<'import-rates'>)[] = [];
  for (const file of files) {
    checkReadable(file);
    try {
      const body = createReadStream(file) as AsyncIterable<Uint8Array>;
      done.push({ file, ...(await client.call('import-rates', input, { body })) });
    } catch (error) {
      if (done.length > 0)
        context.show.note(`Imported before this: ${done.map((each) => each.file).join(', ')}.`);
      if (error instanceof Refusal && error.code === 'rates_invalid')
        throw new Refusal('rates_invalid', { ...error.facts, file });
      throw error;
    }
  }
  await context.show.answer({ files: done }, (pen) => done.flatMap((each) => ratesBlocks(each, pen)));
}
