import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { showParty } from '../../show/payment.ts';
import { restrictionTable } from '../../show/restriction.ts';

export type Options = ReasonOptions & { holder: string };

/** `okpay admin restriction list HOLDER`: what an account is kept from, and was. */
export function listRestrictionsCommand(run: Run<Options> = listRestrictions) {
  const command = new Command().argument('<holder>', 'their id, e-mail address or phone number');
  return declare(withReason(command), run);
}

async function listRestrictions(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const answer = await client.call('list-restrictions', { holder: options.holder, reason });
  await context.show.answer(answer, (pen) => [
    showParty(answer.holder, pen),
    restrictionTable(answer.restrictions, pen),
  ]);
}
