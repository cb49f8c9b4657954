import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & { who: string };

/** `okpay admin staff remove WHO`: ends the role of a member of staff, and all their sessions and tokens. */
export function removeStaffCommand(run: Run<Options> = removeStaff) {
  return declare(
    withReason(new Command().argument('<who>', 'their e-mail address, id or phone number')),
    run,
  );
}

async function removeStaff(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const user = await client.call('remove-staff', { who: options.who, reason });
  await context.show.answer(user, (pen) => [
    `${pen.strong(pen.text(user.displayName))} is not of the staff any more. Their sessions and tokens have ended; the account stays.`,
  ]);
}
