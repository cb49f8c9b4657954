import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readText, withText, type TextOptions } from '../read-text.ts';

export type Options = TextOptions & { case: string };

/** `okpay support reply CASE`: writes to support; a closed case is open again. */
export function replyCommand(run: Run<Options> = reply) {
  return declare(
    withText(new Command().argument('<case>', 'the case, as `okpay support list` shows it')),
    run,
  );
}

async function reply(context: Context, options: Options): Promise<void> {
  const text = await readText(context, options);
  const client = await context.client();
  const replied = await client.call('reply-to-case', { case: options.case, text });
  await context.show.answer(replied, (pen) => [
    `Your message is with support, in the case ${pen.strong(replied.id)} (${pen.text(replied.title, 100)}).`,
  ]);
}
