import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { showParty } from '../../show/payment.ts';

export type Options = ReasonOptions & { holder: string; level: string };

/** `okpay admin level set HOLDER LEVEL`: puts an account at a level, and mails its holder. */
export function setLevelCommand(run: Run<Options> = setLevel) {
  const command = new Command()
    .argument('<holder>', 'their id, e-mail address or phone number')
    .argument('<level>', 'one that `okpay admin limits list` shows');
  return declare(withReason(command), run);
}

async function setLevel(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const { holder, level } = options;
  const answer = await client.call('set-level', { holder, level, reason });
  await context.show.answer(answer, (pen) => [
    answer.before === answer.level
      ? `${showParty(answer.holder, pen)} is at the level ${pen.text(answer.level)} already.`
      : `${showParty(answer.holder, pen)} is at the level ${pen.strong(pen.text(answer.level))} from now on; it was ${pen.text(answer.before)}.`,
  ]);
}
