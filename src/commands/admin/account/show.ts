import { Command } from 'commander';
import type { Output } from '../../../core/contract/operations.ts';
import { sameFor, type Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { facts, table, type Block } from '../../show/blocks.ts';
import { textBlock } from '../../show/messages.ts';
import type { Pen } from '../../show/pen.ts';

export type Options = ReasonOptions & { holder: string };
type Account = Output<'look-at-account'>;

/** `okpay admin account show HOLDER`: how an account stands now. */
export function showAccountCommand(run: Run<Options> = showAccount) {
  return declare(
    withReason(new Command().argument('<holder>', 'an id, e-mail address or phone number')),
    run,
  );
}

async function showAccount(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const client = await context.client();
  const account = await client.call('look-at-account', { holder: options.holder, reason });
  await context.show.answer(account, (pen) => [
    ...blocks(account, pen),
    '',
    `All that happened: ${pen.strong(sameFor(`okpay admin account timeline ${account.holder.id}`, context.flags))}`,
  ]);
}

function blocks(account: Account, pen: Pen): Block[] {
  const { holder, restrictions, holds, notes, cases } = account;
  return [
    facts(
      ['Holder', holder.id],
      ['Name', pen.strong(pen.text(holder.name))],
      ['E-mail', pen.text(holder.email, 254)],
      ['Phone', holder.phone && pen.text(holder.phone)],
      ['Role', holder.role && pen.warn(pen.text(holder.role))],
      ['Level', pen.text(holder.level)],
      ['Opened', pen.time(holder.createdAt)],
      ['Deposit reference', holder.depositReference],
      ['Second factor', account.secondFactor],
      ['Ways in', waysIn(account)],
      ['Payees', String(account.payees)],
      [
        'May not',
        restrictions.length === 0
          ? undefined
          : pen.bad(restrictions.map((each) => pen.text(each.capability)).join(', ')),
      ],
    ),
    '',
    balances(account, pen),
    ...(holds.length === 0
      ? []
      : [
          '',
          table(
            ['Held', 'Since', 'Until', 'Why'],
            holds.map(({ amount, since, until, reason }) => [
              pen.money(amount),
              pen.shortTime(since),
              until === undefined ? '' : pen.shortTime(until),
              pen.text(reason, 80),
            ]),
            '',
          ),
        ]),
    ...(restrictions.length === 0
      ? []
      : [
          '',
          table(
            ['Restriction', 'May not', 'Since', 'Until', 'Why'],
            restrictions.map(({ id, capability, since, until, reason }) => [
              pen.text(id),
              pen.bad(pen.text(capability)),
              pen.shortTime(since),
              until === undefined ? 'it is lifted' : pen.shortTime(until),
              pen.text(reason, 200),
            ]),
            '',
          ),
        ]),
    ...(cases.length === 0
      ? []
      : [
          '',
          table(
            ['Open case', 'Opened', 'With', 'About'],
            cases.map(({ id, openedAt, assignedTo, title }) => [
              id,
              pen.shortTime(openedAt),
              assignedTo ? pen.text(assignedTo.name, 40) : pen.warn('nobody'),
              pen.text(title, 100),
            ]),
            '',
          ),
        ]),
    ...notes.flatMap(({ at, by, text }) => [
      '',
      `${pen.strong('Note')} by ${pen.text(by.name, 60)}  ${pen.dim(pen.time(at))}`,
      textBlock(text, pen),
    ]),
  ];
}

function waysIn({ sessions, tokens, devices }: Account): string {
  const count = (number: number, one: string, many: string) => `${number} ${number === 1 ? one : many}`;
  return [
    count(sessions, 'session', 'sessions'),
    count(tokens, 'token', 'tokens'),
    count(devices, 'known device', 'known devices'),
  ].join(', ');
}

function balances(account: Account, pen: Pen): Block {
  return table(
    [
      { title: 'Balance', align: 'right' },
      { title: 'Held', align: 'right' },
      { title: 'Available', align: 'right' },
    ],
    account.balances.map(({ balance, held, available }) => [
      pen.strong(pen.money(balance)),
      pen.money(held),
      pen.money(available),
    ]),
    'No money ever came in.',
  );
}
