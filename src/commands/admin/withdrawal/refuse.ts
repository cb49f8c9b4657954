import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { decideWithdrawal } from '../../decide-withdrawal.ts';
import { declare, type Run } from '../../declare.ts';
import { withReason, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & { withdrawal: string };

/** `okpay admin withdrawal refuse WITHDRAWAL`: refuses a withdrawal that waits for a person; the money is the holder's again. */
export function refuseWithdrawalCommand(run: Run<Options> = refuseWithdrawal) {
  return declare(withReason(new Command().argument('<withdrawal>', 'its id')), run);
}

function refuseWithdrawal(context: Context, options: Options): Promise<void> {
  return decideWithdrawal(context, options, 'refuse-act');
}
