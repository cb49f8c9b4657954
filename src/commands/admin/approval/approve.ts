import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { approvalBlocks } from '../../show/approval.ts';

export type Options = ReasonOptions & { approval: string };

/** `okpay admin approval approve APPROVAL`: agrees to what somebody else asked for. */
export function approveActCommand(run: Run<Options> = approveAct) {
  const command = new Command().argument('<approval>', 'the id that `okpay admin approval list` shows');
  return declare(withReason(command), run);
}

async function approveAct(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const approval = await client.call('approve-act', { approval: options.approval, reason });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
