import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { staffWithdrawalBlocks } from '../../show/staff-withdrawal.ts';

export type Options = ReasonOptions & { withdrawal: string };

/** `okpay admin withdrawal show WITHDRAWAL`: how any withdrawal stands. */
export function showStaffWithdrawalCommand(run: Run<Options> = showStaffWithdrawal) {
  return declare(withReason(new Command().argument('<withdrawal>', 'its id')), run);
}

async function showStaffWithdrawal(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const withdrawal = await client.call('look-at-withdrawal', { withdrawal: options.withdrawal, reason });
  await context.show.answer(withdrawal, (pen) => staffWithdrawalBlocks(withdrawal, pen));
}
