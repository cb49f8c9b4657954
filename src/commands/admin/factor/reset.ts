import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { approvalBlocks } from '../../show/approval.ts';

export type Options = ReasonOptions & { holder: string };

/** `okpay admin factor reset HOLDER`: asks that a lost second factor be removed. */
export function resetFactorCommand(run: Run<Options> = resetFactor) {
  const command = new Command()
    .description(
      'Asks that a lost second factor be removed. A second person decides, it waits a day after that, and a login with the factor stops it.',
    )
    .argument('<holder>', 'their id, e-mail address or phone number');
  return declare(withReason(command), run);
}

async function resetFactor(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const approval = await client.call('reset-factor', { holder: options.holder, reason });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
