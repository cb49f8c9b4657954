import { Command } from 'commander';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { levelTable } from '../../show/limit.ts';

export type Options = object;

/** `okpay admin limits list`: the levels of accounts, and how each is limited. */
export function listLimitsCommand(run: Run<Options> = listLimits) {
  return declare(new Command(), run);
}

async function listLimits(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-limits', {});
  await context.show.answer(answer, (pen) => [levelTable(answer.levels, pen)]);
}
