import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { readReason, type ReasonOptions } from './reason.ts';
import { approvalBlocks } from './show/approval.ts';

/**
 * Decides about a withdrawal that waits for a person, by the id it has as a withdrawal. Throws `withdrawal_decided` for one
 * that nobody has to decide on.
 */
export async function decideWithdrawal(
  context: Context,
  options: ReasonOptions & { readonly withdrawal: string },
  operation: 'approve-act' | 'refuse-act',
): Promise<void> {
  const { withdrawal: id } = options;
  const reason = await readReason(context, options);
  const client = await context.client();
  const { approval, state } = await client.call('look-at-withdrawal', { withdrawal: id, reason });
  if (approval === undefined) throw new Refusal('withdrawal_decided', { id, state });
  const decided = await client.call(operation, { approval, reason });
  await context.show.answer(decided, (pen) => approvalBlocks(decided, pen));
}
