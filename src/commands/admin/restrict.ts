import { Command, Option } from 'commander';
import type { Input } from '../../core/contract/operations.ts';
import type { Context } from '../context.ts';
import { readDay } from '../day.ts';
import { declare, type Run } from '../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../reason.ts';
import { showParty } from '../show/payment.ts';
import { restrictionTable } from '../show/restriction.ts';

type Restrict = Input<'restrict-account'>;

export type Options = ReasonOptions & {
  holder: string;
  capability: Restrict['capabilities'];
  expires?: string;
  inFlight: NonNullable<Restrict['inFlight']>;
};

/** `okpay admin restrict HOLDER`: keeps an account from logging in, receiving, sending, converting or withdrawing. */
export function restrictCommand(run: Run<Options> = restrict) {
  const command = new Command()
    .argument('<holder>', 'their id, e-mail address or phone number')
    .addOption(
      new Option('--capability <what...>', 'what the account may not do; several are taken')
        .choices(['log-in', 'receive', 'send', 'convert', 'withdraw'])
        .makeOptionMandatory(),
    )
    .option(
      '--expires <when>',
      'the last day, or an RFC 3339 time at which it ends; when it is lifted, if not given',
    )
    .addOption(
      new Option('--in-flight <what>', 'what becomes of what has begun: stay, be finished, or be given up')
        .choices(['freeze', 'finish', 'cancel'])
        .default('freeze'),
    );
  return declare(withReason(command), run);
}

async function restrict(context: Context, options: Options): Promise<void> {
  const { holder, capability: capabilities, expires, inFlight } = options;
  const reason = await readReason(context, options);
  const client = await context.client();
  const until = expires === undefined ? {} : { expiresAt: readDay(expires, '--expires', true) };
  const answer = await client.call('restrict-account', { holder, capabilities, reason, inFlight, ...until });
  await context.show.answer(answer, (pen) => [
    `${showParty(answer.holder, pen)} is restricted from now on.`,
    restrictionTable(answer.restrictions, pen),
  ]);
}
