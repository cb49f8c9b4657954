import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { withdrawalBlocks } from '../show/withdrawal.ts';

export type Options = { withdrawal: string; for?: number; every?: number };

type Withdrawal = Output<'get-withdrawal'>;

const EVERY_SECONDS = 5;
/** Ended otherwise than paid. */
const UNPAID: readonly string[] = ['returned', 'cancelled', 'rejected', 'failed'];

/** `okpay withdraw watch WITHDRAWAL`: tells each change until the withdrawal has ended. */
export function watchWithdrawalCommand(run: Run<Options> = watchWithdrawal) {
  const command = new Command()
    .description(
      'Tells each change of a withdrawal until it has ended: exit code 0 when it was paid, 3 when it was not, 8 when it is still under way after the time that --for gives.',
    )
    .argument('<withdrawal>', 'its id')
    .option('--for <seconds>', 'stop after so long; 0 looks once', readSeconds)
    .option('--every <seconds>', 'look again after so long', readSeconds, EVERY_SECONDS);
  return declare(command, run);
}

async function watchWithdrawal(context: Context, options: Options): Promise<void> {
  const { withdrawal: id, every = EVERY_SECONDS } = options;
  const client = await context.client();
  const end = options.for === undefined ? Infinity : performance.now() + options.for * 1_000;
  let seen = 0;
  for (;;) {
    const withdrawal = await client.call('get-withdrawal', { withdrawal: id });
    for (const { state, at, reason } of withdrawal.moves.slice(seen))
      context.show.note([`${at} ${state}`, reason].filter(Boolean).join(': '));
    seen = withdrawal.moves.length;
    if (withdrawal.state === 'settled')
      return context.show.answer(withdrawal, (pen) => withdrawalBlocks(withdrawal, pen));
    if (UNPAID.includes(withdrawal.state)) throw ended(withdrawal);
    const restMs = Math.max(1, every) * 1_000;
    if (performance.now() + restMs > end)
      throw new Refusal('withdrawal_pending', { id, state: withdrawal.state });
    await sleep(restMs);
  }
}

function ended({ id, state, moves }: Withdrawal): Refusal {
  const reason = moves.at(-1)?.reason ?? 'The money is yours again.';
  return new Refusal('withdrawal_ended', { id, state, reason });
}

function readSeconds(text: string): number {
  if (/^[0-9]{1,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number of seconds.');
}
