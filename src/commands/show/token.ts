import type { Output } from '../../core/contract/operations.ts';
import type { WireMoney } from '../../core/money.ts';
import type { Pen } from './pen.ts';

type Token = Output<'list-tokens'>['tokens'][number];
type Cap = Token['caps'][number];

const PER: Readonly<Record<Cap['per'], string>> = { payment: 'at once', day: 'a day', month: 'a month' };

/** `100.00 EUR at once, 20.00 of 500.00 EUR a day`. `safe` makes texts harmless. */
export function capsText(caps: readonly Cap[], safe: (text: string) => string): string {
  const money = ({ amount, currency }: WireMoney) => `${safe(amount)} ${safe(currency)}`;
  return caps
    .map(({ per, most, used }) => `${used ? `${safe(used.amount)} of ` : ''}${money(most)} ${PER[per]}`)
    .join(', ');
}

/** What of a token narrows it: whom it may pay, from where, which plan. Empty when nothing does. */
export function boundsText({ payees, networks, plan }: Token, pen: Pen): string {
  return [
    ...(payees
      ? [`only to ${payees.map(({ name, email }) => pen.text(email ?? name, 254)).join(', ')}`]
      : []),
    ...(networks ? [`only from ${networks.map((network) => pen.text(network)).join(', ')}`] : []),
    ...(plan === undefined ? [] : [`only plan ${pen.text(plan)}`]),
  ].join('; ');
}
