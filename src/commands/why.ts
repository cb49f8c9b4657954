import { Command } from 'commander';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { facts } from './show/blocks.ts';

export type Options = { id: string };

/** `okpay why ID`: why a payment, a refused attempt, a quote or a hold is as it is, and what can be done. */
export function whyCommand(run: Run<Options> = why) {
  return declare(
    new Command().argument('<id>', 'what any command named: a transfer, a quote, a hold, a key'),
    run,
  );
}

async function why(context: Context, { id }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('explain', { id });
  await context.show.answer(answer, (pen) => [
    facts(
      [capital(pen.text(answer.thing)), pen.text(answer.id)],
      ['State', pen.strong(pen.text(answer.state))],
      ['Since', answer.at && pen.time(answer.at)],
    ),
    '',
    ...answer.because.map((sentence) => pen.text(sentence, 500)),
    answer.next === undefined ? undefined : `Next: ${pen.strong(pen.text(answer.next))}`,
  ]);
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
