import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = { country?: string; currency?: string };

/** `okpay bank requirements [COUNTRY] [CURRENCY]`: what an account has to be known by. */
export function bankRequirementsCommand(run: Run<Options> = bankRequirements) {
  const command = new Command()
    .argument('[country]', 'two letters, such as US; all when not given')
    .argument('[currency]', 'an ISO 4217 code, such as USD');
  return declare(command, run);
}

async function bankRequirements(context: Context, { country, currency }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-bank-requirements', {
    ...(country === undefined ? {} : { country }),
    ...(currency === undefined ? {} : { currency }),
  });
  await context.show.answer(answer, (pen) => [
    table(
      ['Country', 'Currency', 'Needed', 'Flag', 'Looks like'],
      answer.requirements.flatMap((each) =>
        each.fields.map(({ name, label, example, required }) => [
          pen.text(each.country),
          pen.text(each.currency),
          required ? pen.text(label, 60) : `${pen.text(label, 60)} (if known)`,
          `--${pen.text(name).replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
          pen.text(example, 60),
        ]),
      ),
      '',
    ),
  ]);
}
