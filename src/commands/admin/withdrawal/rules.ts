import { Command, InvalidArgumentError } from 'commander';
import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { facts, type Block } from '../../show/blocks.ts';
import type { Pen } from '../../show/pen.ts';

export type Options = { coolOff?: number; automatic?: string; currency?: string; refundFee?: boolean };

/** `okpay admin withdrawal rules`: shows the rules by which people withdraw, and sets those that are given. */
export function withdrawalRulesCommand(run: Run<Options> = withdrawalRules) {
  const command = new Command()
    .description('Shows the rules by which people withdraw, and first sets those that are given.')
    .option('--cool-off <hours>', 'how long a new bank account cannot be used', readHours)
    .option('--automatic <amount>', 'up to this, fee included, nobody has to approve; 0 for never')
    .option('--currency <code>', 'the currency of that amount')
    .option('--refund-fee', 'give the fee back when a bank returns the money')
    .option('--no-refund-fee', 'keep it');
  return declare(command, run);
}

async function withdrawalRules(context: Context, options: Options): Promise<void> {
  const { coolOff, automatic, currency, refundFee } = options;
  if ((automatic === undefined) !== (currency === undefined))
    throw new Refusal('usage_invalid', {
      reason: 'An amount and its currency go together (--automatic, --currency).',
    });
  const change = {
    ...(coolOff === undefined ? {} : { coolOffHours: coolOff }),
    ...(refundFee === undefined ? {} : { refundFee }),
    ...(automatic === undefined || currency === undefined
      ? {}
      : { automatic: { amount: automatic, currency } }),
  };
  const client = await context.client();
  const isRead = Object.keys(change).length === 0;
  const rules = isRead
    ? await client.call('get-withdrawal-rules', {})
    : await client.call('set-withdrawal-rules', change);
  await context.show.answer(rules, (pen) => rulesBlocks(rules, pen));
}

function rulesBlocks(rules: Output<'get-withdrawal-rules'>, pen: Pen): Block[] {
  const { coolOffHours, refundFee, automatic, nameCheck } = rules;
  return [
    facts(
      [
        'New bank accounts',
        coolOffHours === 0 ? 'can be used at once' : `can be used after ${coolOffHours} hours`,
      ],
      ['Names of accounts', nameCheck ? 'are checked with the bank' : 'are not checked'],
      [
        'Without approval',
        automatic.length === 0 ? 'nothing' : `up to ${automatic.map((each) => pen.money(each)).join(', ')}`,
      ],
      ['Fee of what comes back', refundFee ? 'is given back' : 'is kept'],
    ),
  ];
}

function readHours(text: string): number {
  if (/^[0-9]{1,3}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It is a whole number of hours, 720 at most.');
}
