import { Command, Option } from 'commander';
import type { Input } from '../../core/contract/operations.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../reason.ts';
import { approvalBlocks } from '../show/approval.ts';

export type Options = ReasonOptions & {
  holder: string;
  amount: string;
  currency: string;
  direction: Input<'adjust-balance'>['direction'];
};

/** `okpay admin adjust HOLDER AMOUNT CURRENCY`: asks for money to be given to an account, or taken from it. */
export function adjustCommand(run: Run<Options> = adjust) {
  const command = new Command()
    .description(
      'Asks for money to be given to an account, or taken from it, against the account of adjustments. A second person decides, and it waits an hour after that.',
    )
    .argument('<holder>', 'their id, e-mail address or phone number')
    .argument('<amount>', 'plain digits with a point, such as 12.50')
    .argument('<currency>', 'an ISO 4217 code, such as EUR')
    .addOption(
      new Option('--direction <which>', 'credit gives it to the holder, debit takes it')
        .choices(['credit', 'debit'])
        .makeOptionMandatory(),
    );
  return declare(withReason(command), run);
}

async function adjust(context: Context, options: Options): Promise<void> {
  const { holder, amount, currency, direction } = options;
  const reason = await readReason(context, options);
  const client = await context.client();
  const approval = await client.call('adjust-balance', {
    holder,
    amount: { amount, currency },
    direction,
    reason,
  });
  await context.show.answer(approval, (pen) => approvalBlocks(approval, pen));
}
