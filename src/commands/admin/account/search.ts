import { Command } from 'commander';
import type { Input, Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import type { Context } from '../../context.ts';
import { readDay } from '../../day.ts';
import { declare, type Run } from '../../declare.ts';
import { noteNextPage } from '../../next-page.ts';
import { pageSize } from '../../page-size.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { table } from '../../show/blocks.ts';
import type { Pen } from '../../show/pen.ts';

export type Options = ReasonOptions & {
  query?: string;
  email?: string;
  phone?: string;
  id?: string;
  payee?: string;
  amount?: string;
  reference?: string;
  transfer?: string;
  since?: string;
  until?: string;
  limit: number;
  cursor?: string;
};
type Answer = Output<'search-accounts'>;

/** How often it is asked before the answer is that nothing was found so far. */
const MOST_CALLS = 50;

/** `okpay admin account search QUERY`: whose account it is, by whatever is known of it. */
export function searchAccountsCommand(run: Run<Options> = searchAccounts) {
  const command = new Command()
    .argument('[query]', 'an address, a phone number, an id, a reference, an amount (12.50EUR), a payee')
    .option('--email <address>', 'by e-mail address')
    .option('--phone <number>', 'by phone number')
    .option('--id <id>', 'by the id of a holder, or of anything that is one holder’s')
    .option('--payee <name>', 'by the name under which somebody was saved')
    .option(
      '--amount <amount>',
      'by what was paid, such as 12.50EUR; with a time, or the last day is looked at',
    )
    .option('--reference <reference>', 'by deposit reference')
    .option('--transfer <id>', 'by a transfer')
    .option('--since <day>', 'from this day or RFC 3339 time on; alone: accounts opened then')
    .option('--until <day>', 'to the end of this day, or until this RFC 3339 time')
    .option('--limit <number>', 'how many at most', pageSize, 20)
    .option('--cursor <cursor>', 'the page after the one that named this cursor');
  return declare(withReason(command), run);
}

async function searchAccounts(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const ask = (cursor: string | undefined) =>
    client.call('search-accounts', {
      ...inputOf(options),
      reason,
      ...(cursor === undefined ? {} : { cursor }),
    });
  let answer = await ask(options.cursor);
  // One call looks at a bounded part of the time it was asked about.
  for (
    let calls = 1;
    answer.matches.length === 0 && answer.nextCursor !== undefined && calls < MOST_CALLS;
    calls++
  )
    answer = await ask(answer.nextCursor);
  await context.show.answer(answer, (pen) => [tableOf(answer, pen)]);
  const { query, ...flags } = { ...options, reason };
  const args = query === undefined ? [] : [query];
  const said = answer.matches.length === 0 ? 'Nothing so far, and not all was looked at' : 'There is more';
  noteNextPage(context, { words: 'okpay admin account search', args, flags }, answer.nextCursor, said);
}

function inputOf({ amount, since, until, ...rest }: Options): Omit<Input<'search-accounts'>, 'reason'> {
  return {
    ...rest,
    ...(amount === undefined ? {} : { amount: readAmount(amount) }),
    ...(since === undefined ? {} : { since: readDay(since, '--since') }),
    ...(until === undefined ? {} : { until: readDay(until, '--until', true) }),
  };
}

function readAmount(text: string): { amount: string; currency: string } {
  const { amount, currency } =
    /^(?<amount>[\d.]+) ?(?<currency>[A-Za-z]{3})$/.exec(text.trim())?.groups ?? {};
  if (amount !== undefined && currency !== undefined) return { amount, currency };
  throw new Refusal('usage_invalid', { reason: `--amount takes an amount such as 12.50EUR, not “${text}”.` });
}

const WORDS: Readonly<Record<Answer['by'], string>> = {
  email: 'with this e-mail address',
  phone: 'with this phone number',
  id: 'this id belongs to',
  payee: 'that has a payee of this name',
  amount: 'that paid or got this amount',
  reference: 'with this deposit reference',
  transfer: 'that took part in this transfer',
  opened: 'that was opened then',
};

function tableOf({ by, matches, window }: Answer, pen: Pen) {
  const inTime = window ? ` between ${pen.shortTime(window.since)} and ${pen.shortTime(window.until)}` : '';
  const about = matches.some(({ transfer, payee }) => transfer ?? payee);
  return table(
    [
      'Holder',
      'Name',
      'E-mail',
      ...(about ? [by === 'payee' ? 'Has saved' : 'Transfer'] : ['Phone', 'Since']),
    ],
    matches.map(({ holder, transfer, payee }) => [
      pen.strong(holder.id),
      pen.text(holder.name, 60),
      pen.text(holder.email, 254),
      ...(about
        ? [
            transfer
              ? paid(transfer, pen)
              : payee
                ? `“${pen.text(payee.name, 60)}”: ${pen.text(payee.to.name, 60)}`
                : '',
          ]
        : [pen.text(holder.phone ?? ''), pen.shortTime(holder.createdAt)]),
    ]),
    `There is no account ${WORDS[by]}${inTime}.`,
  );
}

function paid(
  { id, at, direction, paid: out, received }: NonNullable<Answer['matches'][number]['transfer']>,
  pen: Pen,
): string {
  const amount = direction === 'out' ? `-${pen.money(out)}` : pen.good(`+${pen.money(received)}`);
  return `${amount}  ${pen.shortTime(at)} ${pen.dim(id)}`;
}
