import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & { case: string };

/** `okpay admin case close CASE`: closes a case, and tells its holder. */
export function closeCaseCommand(run: Run<Options> = closeCase) {
  return declare(withReason(new Command().argument('<case>', 'the case: cas_…')), run);
}

async function closeCase(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const closed = await client.call('close-case', { case: options.case, reason });
  await context.show.answer(closed, (pen) => [
    `The case ${pen.strong(closed.id)} is closed. Its holder is told; whoever writes to it opens it again.`,
  ]);
}
