import { setImmediate as nextTurn } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { askedOf, differingWish, type Asked } from '../core/asked.ts';
import type { OkpayClient } from '../core/client.ts';
import type { Input, Output } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { openJournal, type OpenIntent } from '../core/journal.ts';
import { parsePositiveAmount, parseCurrency } from '../core/money.ts';
import { isTransfer, payOnce, type Made } from '../core/pay-once.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { holdInterrupts } from './hold-interrupts.ts';
import { priceOf } from './price-of.ts';
import { checkKey } from './send-words.ts';
import { settleEarlier, type Settled } from './settle-earlier.ts';
import { showAside } from './show/aside.ts';
import { quoteBlocks } from './show/payment.ts';
import { withdrawalBlocks } from './show/withdrawal.ts';

export type Options = {
  amount?: string;
  currency?: string;
  to?: string;
  feeFrom?: 'sender' | 'recipient';
  quote?: string;
  idempotencyKey?: string;
  yes?: boolean;
};

type Withdrawal = Output<'create-withdrawal'>;
type Answer = { readonly withdrawal: Withdrawal; readonly key: string; readonly open?: OpenIntent };

const QUESTION = { message: 'Withdraw it?', flag: '--yes' };

/** `okpay withdraw AMOUNT CURRENCY`: shows what it costs to have money paid to a bank account, asks, and has it paid, once. */
export function withdrawCommand(run: Run<Options> = withdraw) {
  const command = new Command()
    .description(
      'Has money paid to a bank account of yours: shows what it costs, asks, and puts the money on hold until the bank has paid it. When it was interrupted, type it again: nothing is withdrawn twice.',
    )
    .argument('[amount]', 'plain digits with a point, such as 12.50')
    .argument('[currency]', 'an ISO 4217 code, such as EUR')
    .option(
      '--to <account>',
      'which bank account: its id, or the end of its number; not needed for the only one',
    )
    .addOption(
      new Option('--fee-from <who>', 'sender pays it on top, recipient out of the amount').choices([
        'sender',
        'recipient',
      ]),
    )
    .addOption(new Option('--quote <id>', 'do what this quote says').conflicts(['to', 'feeFrom']))
    .option(
      '--idempotency-key <key>',
      'a key of your own: under one key it is withdrawn once, however often you ask',
    )
    .option('--yes', 'do not ask');
  return declare(command, run);
}

async function withdraw(context: Context, options: Options): Promise<void> {
  const key = checkKey(options.idempotencyKey);
  const what = readWhat(options);
  // Where there is nobody to ask, this says so before anything else is done.
  if (!context.io.interactive && !options.yes) await context.io.confirm(QUESTION);
  const journal = openJournal(context.places.data, context.profile.name, context.now);
  const client = await context.client();
  const interrupts = holdInterrupts(context);
  const ready = await interrupts.beforeLeaving(prepare(context, client, what, key, options.yes === true));
  const { quote, asked, settled } = ready;
  const pay = async (): Promise<Answer> => {
    const { youPay, fee, theyGet, expiresAt } = quote;
    const open = journal.begin({
      operation: 'create-withdrawal',
      ...(key === undefined ? {} : { key }),
      input: { quote: quote.id },
      place: context.place,
      account: ready.account,
      asked,
      figures: { youPay, fee, theyGet, expiresAt },
    });
    // A Ctrl-C from while the file was being written is noticed in the next turn of the event loop.
    await nextTurn();
    if (interrupts.caught()) {
      open.close();
      throw new Refusal('interrupted');
    }
    const withdrawal = withdrawalOf(await interrupts.whileOut(payOnce(client, open)));
    return { withdrawal, key: open.intent.key, open };
  };
  const answer = ready.answer ?? (await pay());
  const { withdrawal, open } = answer;
  const fromEarlier = ready.answer !== undefined;
  await context.show.answer(
    { ...withdrawal, key: answer.key, fromEarlier, warnings: quote.warnings, alsoSettled: settled },
    (pen) => [
      ...withdrawalBlocks(withdrawal, pen),
      `To see how it goes on: ${pen.strong(`okpay withdraw watch ${pen.text(withdrawal.id)}`)}`,
    ],
  );
  if (open) context.atEnd(open.close);
}

type Ready = {
  readonly quote: Output<'create-quote'>;
  readonly account: { readonly id: string; readonly email: string };
  readonly asked: Asked;
  readonly settled: readonly Settled[];
  readonly answer?: Answer;
};

/** Prices it, settles what was interrupted before, and asks whether it is wanted. Nothing new leaves. */
async function prepare(
  context: Context,
  client: OkpayClient,
  what: Input<'create-quote'> | Input<'get-quote'>,
  key: string | undefined,
  agreed: boolean,
): Promise<Ready> {
  const journal = openJournal(context.places.data, context.profile.name, context.now);
  const [{ user }, quote] = await Promise.all([client.call('get-me', {}), priceOf(client, what)]);
  if (quote.bankAccount === undefined)
    throw new Refusal('usage_invalid', {
      reason: `The quote ${quote.id} is for a payment, not for a withdrawal.`,
      next: `okpay send --quote ${quote.id}`,
    });
  const asked = askedOf(quote, undefined);
  const account = { id: user.id, email: user.email };
  const wish = { asked, quote: quote.id, key, maximumFee: undefined };
  const { settled, answer } = await settleEarlier(context, client, journal, user.id, wish);
  const ready = { quote, account, asked, settled };
  if (answer) {
    context.show.note(
      'An earlier withdrawal of this was interrupted. This is its outcome; nothing else was asked for.',
    );
    const { made, open } = answer;
    return { ...ready, answer: { withdrawal: withdrawalOf(made), open, key: open.intent.key } };
  }
  const known = key === undefined ? undefined : await withdrawalOfKey(client, key, asked);
  if (known && key !== undefined) {
    context.show.note(
      'This key has been used for this before. This is the outcome; nothing was asked for now.',
    );
    return { ...ready, answer: { withdrawal: known, key } };
  }
  if (agreed) return ready;
  await showAside(context.io, context.now, (pen) => quoteBlocks(quote, undefined, pen));
  await context.io.confirm(QUESTION);
  return ready;
}

/** What a key of the user's own was used for. Throws what it ended in, and `idempotency_mismatch`. */
async function withdrawalOfKey(
  client: OkpayClient,
  key: string,
  asked: Asked,
): Promise<Withdrawal | undefined> {
  const known = await client.call('get-intent', { key });
  if (known.state === 'unknown_key') return undefined;
  if (known.state === 'refused') throw Refusal.fromProblem(known.problem) ?? new Refusal('unexpected');
  if (known.withdrawal === undefined) throw new Refusal('idempotency_mismatch', { field: 'operation' });
  const withdrawal = await client.call('get-withdrawal', { withdrawal: known.withdrawal });
  const quote = await client.call('get-quote', { quote: withdrawal.quote });
  const field = differingWish(askedOf(quote, undefined), asked);
  if (field !== undefined) throw new Refusal('idempotency_mismatch', { field });
  return withdrawal;
}

function withdrawalOf(made: Made): Withdrawal {
  if (!isTransfer(made)) return made;
  throw new Refusal('idempotency_mismatch', { field: 'operation' });
}

function readWhat({
  quote,
  amount,
  currency,
  to,
  feeFrom,
}: Options): Input<'create-quote'> | Input<'get-quote'> {
  if (quote !== undefined) {
    if (amount === undefined) return { quote };
    throw new Refusal('usage_invalid', {
      reason: 'A quote says how much goes where: give --quote alone, or an amount and a currency.',
    });
  }
  if (amount === undefined || currency === undefined)
    throw new Refusal('usage_invalid', {
      reason: 'Say how much, and in which currency.',
      next: 'okpay withdraw 100 EUR',
    });
  parsePositiveAmount(amount, parseCurrency(currency));
  return {
    bankAccount: to ?? 'only',
    amount: { amount, currency: currency.toUpperCase() },
    ...(feeFrom === undefined ? {} : { feeFrom }),
  };
}
