import { Command } from 'commander';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../reason.ts';
import { approvalBlocks } from '../show/approval.ts';

export type Options = ReasonOptions & { transfer: string; amount?: string; currency?: string };

/** `okpay admin reverse TRANSFER [AMOUNT CURRENCY]`: asks for a payment to be moved back, or a part of it. */
export function reverseCommand(run: Run<Options> = reverse) {
  const command = new Command()
    .description(
      'Asks for a payment to be moved back, as far as the recipient has it. A second person decides, and it waits an hour after that: keep the recipient from sending meanwhile.',
    )
    .argument('<transfer>', 'the id of the payment')
    .argument('[amount]', 'only so much of it')
    .argument('[currency]', 'the currency it was received in');
  return declare(withReason(command), run);
}

async function reverse(context: Context, options: Options): Promise<void> {
  const { transfer, amount, currency } = options;
  if (amount !== undefined && currency === undefined)
    throw new Refusal('usage_invalid', { reason: 'Say in which currency: 12.50 EUR.' });
  const reason = await readReason(context, options);
  const client = await context.client();
  const part = amount === undefined || currency === undefined ? {} : { amount: { amount, currency } };
  const approval = await client.call('reverse-transfer', { transfer, reason, ...part });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
