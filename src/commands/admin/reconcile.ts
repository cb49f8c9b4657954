import { Command } from 'commander';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { AnsweredNo } from '../io.ts';
import { facts, table } from '../show/blocks.ts';

export type Options = { account?: string };

/** `okpay admin reconcile`: the bank's balances against the book; throws `not_reconciled` once all of it is shown. */
export function reconcileCommand(run: Run<Options> = reconcile) {
  return declare(new Command().option('--account <iban>', 'only this bank account'), run);
}

async function reconcile(context: Context, { account }: Options): Promise<void> {
  const client = await context.client();
  const answer = await client.call('reconcile', account === undefined ? {} : { account });
  await context.show.answer(answer, (pen) =>
    answer.accounts.length === 0
      ? ['No bank statement was imported yet.', `Next: ${pen.strong('okpay admin deposit import FILE')}`]
      : answer.accounts.flatMap((each) => {
          const say = (amount: string) => pen.money({ amount, currency: each.currency });
          return [
            facts(
              ['Account', pen.strong(pen.text(each.account))],
              ['At the bank', `${say(each.bank)} on ${pen.text(each.day)}`],
              ['In our book', say(each.ours)],
              ['Difference', say(each.difference)],
              ['In suspense', say(each.suspense)],
            ),
            each.parts.length === 0
              ? undefined
              : table(
                  ['Why', { title: 'Amount', align: 'right' }, 'Day', 'What it is'],
                  each.parts.map((part) => [
                    part.kind,
                    say(part.amount),
                    pen.text(part.day),
                    pen.text(part.text, 200),
                  ]),
                  '',
                ),
            each.reconciled
              ? pen.good('Reconciled: the bank and our book agree to the last unit.')
              : pen.bad('Not reconciled.'),
          ];
        }),
  );
  const open = answer.accounts.filter(({ reconciled }) => !reconciled).length;
  if (open > 0) throw new AnsweredNo(new Refusal('not_reconciled', { count: String(open) }));
}
