import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay 2fa status`: whether the second factor is on, how many recovery codes are left, what payments ask for one. */
export function secondFactorStatusCommand(run: Run<Options> = secondFactorStatus) {
  return declare(new Command(), run);
}

async function secondFactorStatus(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('get-second-factor', {});
  const { enabled, enabledAt, recoveryCodesLeft: left, confirmAbove } = answer;
  await context.show.answer(answer, (pen) =>
    enabled
      ? [
          facts(
            ['Second factor', pen.good('on')],
            ['Since', enabledAt && pen.time(enabledAt)],
            ['Recovery codes left', left < 3 ? pen.warn(String(left)) : String(left)],
            ['Payments ask above', confirmAbove.map(pen.money).join(', ') || 'never'],
          ),
        ]
      : [facts(['Second factor', pen.warn('off')]), `Next: ${pen.strong('okpay 2fa enable')}`],
  );
}
