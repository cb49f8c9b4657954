import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { isCurrency, parseCurrency, parsePositiveAmount, type Currency } from '../../core/money.ts';
import { timestamp, type Deps } from '../deps.ts';
import { findRecipients, type Recipient } from '../identity/find-recipient.ts';
import { quotesOf } from '../store/quotes.ts';
import { partiesByIds } from '../store/users.ts';
import type { Order } from './order.ts';
import type { Payment } from './payment.ts';
import { checkMaximumFee, price, schedule } from './price.ts';

type DirectOrder = Extract<Order, { to: string }>;

/**
 * Reads all that these orders name, in a handful of questions however many they are. What is given makes the payment of
 * one of them; it throws `not_found` (no such quote of theirs), `recipient_unknown`, `recipient_is_self`,
 * `email_invalid`, `currency_unknown`, `amount_invalid`, `fee_exceeds_amount`, `fee_above_maximum`.
 */
export async function lookUp(
  { engine, now }: Pick<Deps, 'engine' | 'now'>,
  payer: Recipient,
  orders: readonly Order[],
): Promise<(order: Order) => Payment> {
  const named = orders.flatMap((order) =>
    'quote' in order && kindOfId(order.quote) === 'quote' ? [order.quote] : [],
  );
  const quotes = new Map((await quotesOf(engine, payer.id, named)).map((quote) => [quote.id, quote]));
  const direct = orders.filter((order): order is DirectOrder => !('quote' in order));
  const recipients = [...quotes.values()].map(({ recipient }) => recipient);
  const [parties, recipientOf, ruleOf] = await Promise.all([
    partiesByIds(engine, recipients),
    findRecipients(
      engine,
      payer.id,
      direct.map(({ to }) => to),
    ),
    schedule(engine, ['transfer'], currenciesOf(direct), timestamp(now())),
  ]);
  const people = new Map<string, Recipient>(parties.map((party) => [party.id, party]));
  const from = { id: payer.id, email: payer.email, displayName: payer.displayName };

  return (order) => {
    if ('quote' in order) {
      const quote = quotes.get(order.quote);
      const to = quote && people.get(quote.recipient);
      if (!to || quote.kind === 'withdrawal')
        throw new Refusal('not_found', { thing: 'quote', id: order.quote });
      const { kind, currency, receiveCurrency, paid, fee, received } = quote;
      checkMaximumFee(fee, order.maximumFee, currency);
      return { kind, from, to, currency, receiveCurrency, paid, fee, received, quote, note: order.note };
    }
    const { minor, currency } = parsePositiveAmount(
      order.amount.amount,
      parseCurrency(order.amount.currency),
    );
    const to = recipientOf(order.to);
    if (to.id === payer.id) throw new Refusal('recipient_is_self');
    const wanted = { minor, feeFrom: order.feeFrom ?? 'sender', currency, receiveCurrency: currency };
    const priced = price(wanted, [ruleOf('transfer', currency)]);
    checkMaximumFee(priced.fee, order.maximumFee, currency);
    return { kind: 'transfer', from, to, ...priced, note: order.note };
  };
}

function currenciesOf(orders: readonly DirectOrder[]): Currency[] {
  return [...new Set(orders.map(({ amount }) => amount.currency.toUpperCase()))].filter(isCurrency);
}
