import { Option, type Command } from 'commander';
import type { Input } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount, toWire, type WireMoney } from '../core/money.ts';

export type PaymentWords = {
  to?: string;
  amount?: string;
  currency?: string;
  feeFrom?: 'sender' | 'recipient';
  from?: string;
  receive?: string;
};

/** Adds the words that say who is to be paid what, and who bears the fee. */
export function withPaymentWords(command: Command, insteadOfTo = ''): Command {
  return command
    .argument('[to]', `an e-mail address or the name of a payee${insteadOfTo}`)
    .argument('[amount]', 'plain digits with a point, such as 12.50')
    .argument('[currency]', 'an ISO 4217 code, such as EUR')
    .option('--from <code>', 'pay from this currency of yours; the amount is what arrives')
    .option('--receive <code>', 'let them get this currency; the amount is what you pay')
    .addOption(
      new Option(
        '--fee-from <who>',
        'who bears the fee: you on top (unless said), or they out of the amount',
      ).choices(['sender', 'recipient']),
    );
}

/**
 * Reads who is to be paid and how much; `EUR:12.50` and `12.50EUR` are understood too. The amount comes back in the
 * one form it has on the wire. Throws `usage_invalid`, `amount_invalid`, `currency_unknown`.
 */
export function readPayment({
  to,
  amount,
  currency,
  feeFrom,
  from,
  receive,
}: PaymentWords): Input<'create-quote'> & { to: string } {
  if (to === undefined || amount === undefined)
    throw new Refusal('usage_invalid', {
      reason: 'Say who is to be paid, how much, and in which currency: bob@example.com 12.50 EUR.',
    });
  return {
    to,
    amount: readAmount(amount, currency),
    ...(from === undefined ? {} : { from: parseCurrency(from) }),
    ...(receive === undefined ? {} : { receive: parseCurrency(receive) }),
    ...(feeFrom === undefined ? {} : { feeFrom }),
  };
}

/** Reads an amount with its currency, in one word or two. Throws `usage_invalid`, `amount_invalid`, `currency_unknown`. */
export function readAmount(amount: string, currency: string | undefined): WireMoney {
  const words = currency === undefined ? splitAmount(amount) : { amount, currency };
  const code = parseCurrency(words.currency);
  const { minor } = parsePositiveAmount(words.amount, code);
  return toWire(minor, code);
}

function splitAmount(text: string): { amount: string; currency: string } {
  const match = /^([A-Za-z]{3}):(.+)$/.exec(text);
  if (match) return { currency: match[1] ?? '', amount: match[2] ?? '' };
  const after = /^([-+]?[\d.,]+) ?([A-Za-z]{3})$/.exec(text);
  if (after) return { amount: after[1] ?? '', currency: after[2] ?? '' };
  throw new Refusal('usage_invalid', { reason: 'Say in which currency: 12.50 EUR.' });
}
