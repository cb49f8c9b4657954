import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readText, withText, type TextOptions } from '../../read-text.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';

export type Options = ReasonOptions & TextOptions & { holder: string };

/** `okpay admin note add HOLDER`: writes a note about an account, which only staff read. */
export function addNoteCommand(run: Run<Options> = addNote) {
  const command = new Command().argument('<holder>', 'an id, e-mail address or phone number');
  return declare(withReason(withText(command)), run);
}

async function addNote(context: Context, options: Options): Promise<void> {
  const text = await readText(context, options);
  const reason = await readReason(context, options);
  const client = await context.client();
  const note = await client.call('add-note', { holder: options.holder, text, reason });
  await context.show.answer(note, (pen) => [
    `The note ${pen.strong(note.id)} is with the account. Nobody can change it.`,
  ]);
}
