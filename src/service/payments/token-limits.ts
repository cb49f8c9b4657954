import { timeOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { formatMoney, type Currency } from '../../core/money.ts';
import { timestamp } from '../deps.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import type { TokenFacts } from '../identity/token-facts.ts';
import { endOfSpan, spanOf } from '../ledger/calendar.ts';
import { tokenGuard } from '../ledger/guards.ts';
import type { Guard } from '../ledger/intent.ts';
import type { Price } from './price.ts';

type Paid = Pick<Price, 'paid'> & { readonly to: Recipient; readonly currency: Currency };

/**
 * Checks what a token may pay whatever it has paid before: its plan, whom, and how much at once. With caps in some
 * currencies it may pay nothing in others. Throws `plan_not_allowed`, `payee_not_allowed`, `cap_exceeded`.
 */
export function checkToken({ plan, payees, caps }: TokenFacts, { to, currency, paid }: Paid): void {
  // Nothing is part of a payout plan yet.
  if (plan !== undefined) throw new Refusal('plan_not_allowed', { plan });
  if (payees && !payees.includes(to.id)) throw new Refusal('payee_not_allowed', { to: to.email });
  const here = caps.filter((cap) => cap.currency === currency);
  const most = caps.length > 0 && here.length === 0 ? 0n : here.find(({ per }) => per === 'payment')?.most;
  if (most === undefined || paid <= most) return;
  throw new Refusal('cap_exceeded', {
    per: 'payment',
    needed: formatMoney({ minor: paid, currency }),
    cap: formatMoney({ minor: most, currency }),
  });
}

/**
 * The caps of a token that count, as guards that change with the money. What counts is all that leaves the account, fee
 * included, in the day and month in which the payment got its `id`.
 */
export function tokenGuards({ id: token, caps }: TokenFacts, { currency, paid }: Paid, id: string): Guard[] {
  const at = timestamp(timeOfId(id));
  return caps.flatMap(({ per, most, currency: of }) => {
    if (per === 'payment' || of !== currency) return [];
    const facts = {
      per,
      needed: formatMoney({ minor: paid, currency }),
      cap: formatMoney({ minor: most, currency }),
      resetsAt: endOfSpan(at, per),
    };
    const name = tokenGuard(token, per, spanOf(at, per), currency);
    return [{ name, add: paid, most, counts: currency, refusal: { code: 'cap_exceeded', facts } }];
  });
}
