import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readHours } from '../../good-for.ts';
import { ratesBlocks } from '../../show/rates.ts';

export type Options = { goodFor?: string };

/** `okpay admin rates fetch`: has the service take the rates from the address it is configured with. */
export function fetchRatesCommand(run: Run<Options> = fetchRates) {
  const command = new Command()
    .description(
      'Has the service take reference rates from the address in OKPAY_RATES_URL where it runs; to be run once a day, after 16:00 in Frankfurt.',
    )
    .option('--good-for <span>', 'how long prices are made of them, such as 6d; six days unless said');
  return declare(command, run);
}

async function fetchRates(context: Context, { goodFor }: Options): Promise<void> {
  const input = goodFor === undefined ? {} : { goodForHours: readHours(goodFor, '--good-for') };
  const client = await context.client();
  const report = await client.call('fetch-rates', input);
  await context.show.answer(report, (pen) => ratesBlocks(report, pen));
}
