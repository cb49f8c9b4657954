import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { decideWithdrawal } from '../../decide-withdrawal.ts';
import { declare, type Run } from '../../declare.ts';
import { withReason, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & { withdrawal: string };

/** `okpay admin withdrawal approve WITHDRAWAL`: agrees to a withdrawal that waits for a person. */
export function approveWithdrawalCommand(run: Run<Options> = approveWithdrawal) {
  return declare(withReason(new Command().argument('<withdrawal>', 'its id')), run);
}

function approveWithdrawal(context: Context, options: Options): Promise<void> {
  return decideWithdrawal(context, options, 'approve-act');
}
