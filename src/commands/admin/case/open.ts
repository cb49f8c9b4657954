import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readText, withText, type TextOptions } from '../../read-text.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { staffReplyBlocks } from '../../show/cases.ts';

export type Options = ReasonOptions & TextOptions & { holder: string; title?: string };

/** `okpay admin case open HOLDER`: opens a case on an account, and mails its holder. */
export function openStaffCaseCommand(run: Run<Options> = openStaffCase) {
  const command = new Command()
    .argument('<holder>', 'an id, e-mail address or phone number')
    .option('--title <title>', 'what it is about, in a few words; the holder sees it');
  return declare(withReason(withText(command)), run);
}

async function openStaffCase(context: Context, options: Options): Promise<void> {
  const { io } = context;
  const title = options.title ?? (await io.ask({ message: 'What is it about?', flag: '--title' }));
  const text = await readText(context, options);
  const reason = await readReason(context, options);
  const client = await context.client();
  const opened = await client.call('open-staff-case', { holder: options.holder, title, text, reason });
  await context.show.answer(opened, (pen) => [
    `The case ${pen.strong(opened.case.id)} is open, and is yours.`,
    ...staffReplyBlocks(opened, pen),
  ]);
}
