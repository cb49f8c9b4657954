import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { withReason, workOn, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & { case: string; to: string };

/** `okpay admin case assign CASE`: gives a case to a member of staff. */
export function assignCaseCommand(run: Run<Options> = assignCase) {
  const command = new Command()
    .argument('<case>', 'the case: cas_…')
    .option('--to <who>', 'an e-mail address or id of one of the staff', 'me');
  return declare(withReason(command), run);
}

async function assignCase(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const given = await client.call('assign-case', {
    case: options.case,
    to: options.to,
    reason: workOn(options),
  });
  await context.show.answer(given, (pen) => [
    `The case ${pen.strong(given.id)} is with ${pen.strong(pen.text(given.assignedTo?.name ?? ''))} now.`,
  ]);
}
