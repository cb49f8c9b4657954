import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { approvalBlocks } from '../../show/approval.ts';

export type Options = ReasonOptions & { approval: string };

/** `okpay admin approval refuse APPROVAL`: refuses what somebody else asked for, or calls it back. */
export function refuseActCommand(run: Run<Options> = refuseAct) {
  const command = new Command().argument('<approval>', 'the id that `okpay admin approval list` shows');
  return declare(withReason(command), run);
}

async function refuseAct(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const approval = await client.call('refuse-act', { approval: options.approval, reason });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
