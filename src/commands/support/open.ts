import { Command } from 'commander';
import { sameFor, type Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readText, withText, type TextOptions } from '../read-text.ts';

export type Options = TextOptions & { title?: string };

/** `okpay support open`: asks the people who run the wallet for help. */
export function openCaseCommand(run: Run<Options> = openCase) {
  return declare(withText(new Command().argument('[title]', 'what it is about, in a few words')), run);
}

async function openCase(context: Context, options: Options): Promise<void> {
  const title = options.title ?? (await context.io.ask({ message: 'What is it about?', flag: 'TITLE' }));
  const text = await readText(context, options);
  const client = await context.client();
  const opened = await client.call('open-case', { title, text });
  await context.show.answer(opened, (pen) => [
    pen.good(`Your case is open: ${pen.strong(opened.id)}.`),
    'Answers come to your e-mail address.',
    `To see it: ${pen.strong(sameFor(`okpay support show ${opened.id}`, context.flags))}`,
  ]);
}
