import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readText, withText, type TextOptions } from '../../read-text.ts';
import { withReason, workOn, type ReasonOptions } from '../../reason.ts';
import { staffReplyBlocks } from '../../show/cases.ts';

export type Options = ReasonOptions & TextOptions & { case: string };

/** `okpay admin case reply CASE`: writes to the holder, by mail too; a closed case is open again. */
export function replyAsStaffCommand(run: Run<Options> = replyAsStaff) {
  return declare(withReason(withText(new Command().argument('<case>', 'the case: cas_…'))), run);
}

async function replyAsStaff(context: Context, options: Options): Promise<void> {
  const text = await readText(context, options);
  const client = await context.client();
  const reply = await client.call('reply-as-staff', { case: options.case, text, reason: workOn(options) });
  await context.show.answer(reply, (pen) => ['Your message is on its way.', ...staffReplyBlocks(reply, pen)]);
}
