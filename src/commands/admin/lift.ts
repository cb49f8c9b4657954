import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../reason.ts';
import { facts } from '../show/blocks.ts';

export type Options = ReasonOptions & { restriction: string };

/** `okpay admin lift RESTRICTION`: lets an account do again what it was kept from. */
export function liftCommand(run: Run<Options> = lift) {
  const command = new Command().argument('<restriction>', 'the id that `okpay admin account show` shows');
  return declare(withReason(command), run);
}

async function lift(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const answer = await client.call('lift-restriction', { restriction: options.restriction, reason });
  await context.show.answer(answer, (pen) => [
    'The restriction is lifted.',
    facts(
      ['Restriction', pen.text(answer.id)],
      ['It kept from', answer.capability],
      ['Lifted at', answer.liftedAt && pen.time(answer.liftedAt)],
    ),
  ]);
}
