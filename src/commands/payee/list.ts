import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay payee list`: the people you have saved. */
export function listPayeesCommand(run: Run<Options> = listPayees) {
  return declare(new Command(), run);
}

async function listPayees(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-payees', {});
  await context.show.answer(answer, (pen) => [
    table(
      ['Payee', 'Name', 'E-mail', 'Since'],
      answer.payees.map(({ name, to, createdAt }) => [
        pen.strong(pen.text(name, 60)),
        pen.text(to.name, 100),
        pen.text(to.email ?? '', 254),
        pen.shortTime(createdAt),
      ]),
      'Nobody is saved yet. To save somebody: okpay payee add NAME E-MAIL',
    ),
  ]);
}
