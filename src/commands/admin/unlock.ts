import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../reason.ts';
import { approvalBlocks } from '../show/approval.ts';
import { showParty } from '../show/payment.ts';

export type Options = ReasonOptions & { holder: string };

/** `okpay admin unlock HOLDER`: lets somebody log in at once who is made to wait. */
export function unlockCommand(run: Run<Options> = unlock) {
  const command = new Command()
    .description(
      'Lets somebody log in at once who is made to wait. Where there are signs that the account is in other hands, or logging in is restricted, it is asked for, and a second person decides.',
    )
    .argument('<holder>', 'their id, e-mail address or phone number');
  return declare(withReason(command), run);
}

async function unlock(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const { holder, approval } = await client.call('unlock-account', { holder: options.holder, reason });
  await context.show.answer({ holder, ...(approval ? { approval } : {}) }, (pen) =>
    approval ? approvalBlocks(approval, pen) : [`${showParty(holder, pen)} may log in at once.`],
  );
}
