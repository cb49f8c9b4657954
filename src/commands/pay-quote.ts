import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Command } from 'commander';
import { askedOf, type Asked } from '../core/asked.ts';
import type { OkpayClient } from '../core/client.ts';
import type { Output } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { openJournal, type Journal, type OpenIntent, type SavedIntent } from '../core/journal.ts';
import { formatMinor, parseAmount, type Currency, type Money } from '../core/money.ts';
import { isTransfer, payOnce, type Made } from '../core/pay-once.ts';
import { answerOfKey } from './answer-of-key.ts';
import type { Context } from './context.ts';
import { holdInterrupts, type HeldInterrupts } from './hold-interrupts.ts';
import { priceOf } from './price-of.ts';
import type { SendRequest } from './send-words.ts';
import { settleEarlier, type Settled } from './settle-earlier.ts';
import { showAside } from './show/aside.ts';
import { quoteBlocks, sentBlocks } from './show/payment.ts';

export type PayOptions = { yes?: boolean; dryRun?: boolean };

/** Adds the flags that say how a payment is made. */
export function withPayFlags(command: Command): Command {
  return command
    .option('--max-fee <amount>', 'refuse when the fee is more than this')
    .option(
      '--idempotency-key <key>',
      'a key of your own: under one key it is paid once, however often you ask',
    )
    .option('--yes', 'do not ask')
    .option('--dry-run', 'decide everything, send nothing');
}

type Transfer = Output<'create-transfer'>;
type Answer = { readonly transfer: Transfer; readonly key: string; readonly open?: OpenIntent };
/** All that is known before anything leaves. `answer` is there when it had been paid already. */
type Ready = {
  readonly quote: Output<'create-quote'>;
  readonly account: SavedIntent['account'];
  readonly asked: Asked;
  readonly input: SavedIntent['input'];
  readonly settled: readonly Settled[];
  readonly answer?: Answer;
};
/** What every step needs. */
type Sending = {
  readonly context: Context;
  readonly client: OkpayClient;
  readonly journal: Journal;
  readonly request: SendRequest;
};

/**
 * Shows what a payment or a conversion costs, asks, and pays exactly that, once; where it was interrupted before, tells what
 * came of that instead. With `dryRun` everything is decided and nothing is sent.
 */
export async function payQuote(context: Context, request: SendRequest, options: PayOptions): Promise<void> {
  // Where there is nobody to ask, this says so before anything else is done.
  if (!context.io.interactive && !options.yes && !options.dryRun) await context.io.confirm(request.question);
  const journal = openJournal(context.places.data, context.profile.name, context.now);
  const sending = { context, client: await context.client(), journal, request };
  if (options.dryRun) return preview(sending);
  const interrupts = holdInterrupts(context);
  const ready = await interrupts.beforeLeaving(prepare(sending, options.yes === true));
  const { transfer, key, open } = ready.answer ?? (await pay(sending, ready, interrupts));
  const fromEarlier = ready.answer !== undefined;
  const { warnings } = ready.quote;
  await context.show.answer({ ...transfer, key, fromEarlier, warnings, alsoSettled: ready.settled }, (pen) =>
    sentBlocks(transfer, pen),
  );
  // Not before the process is as good as over: whoever sees it die before asks again, and is told this outcome.
  if (open) context.atEnd(open.close);
}

/** Prices it, settles what was interrupted before, and asks whether it is wanted. Nothing new leaves. */
async function prepare(sending: Sending, agreed: boolean): Promise<Ready> {
  const { context, client, journal, request } = sending;
  const { ready, maximumFee } = await price(sending);
  const { quote, asked } = ready;
  const wish = { asked, quote: quote.id, key: request.key, maximumFee };
  const { settled, answer } = await settleEarlier(context, client, journal, ready.account.id, wish);
  if (answer) {
    context.show.note('An earlier send of this was interrupted. This is its outcome; nothing else was sent.');
    const { made, open } = answer;
    return { ...ready, settled, answer: { transfer: transferOf(made), open, key: open.intent.key } };
  }
  const known = request.key === undefined ? undefined : await answerOfKey(client, request.key, asked);
  if (known && request.key !== undefined) {
    context.show.note('This key has been used for this before. This is the outcome; nothing was sent now.');
    return { ...ready, settled, answer: { transfer: known, key: request.key } };
  }
  if (!agreed) await agree(sending, ready);
  // What lacks is said by the refusal.
  else
    for (const { code, text } of quote.warnings)
      if (code !== 'insufficient_funds') context.show.note(`Warning: ${text}`);
  return { ...ready, settled };
}

async function price({ client, request }: Sending): Promise<{ ready: Ready; maximumFee: Money | undefined }> {
  const [{ user }, quote] = await Promise.all([client.call('get-me', {}), priceOf(client, request.what)]);
  const { note, maxFee } = request;
  const currency = quote.youPay.currency as Currency;
  const maximumFee = maxFee === undefined ? undefined : parseAmount(maxFee, currency);
  const input = {
    quote: quote.id,
    ...(note === undefined ? {} : { note }),
    ...(maximumFee === undefined ? {} : { maximumFee: formatMinor(maximumFee.minor, currency) }),
  };
  const account = { id: user.id, email: user.email };
  return { ready: { quote, account, asked: askedOf(quote, note), input, settled: [] }, maximumFee };
}

async function agree({ context, client, journal, request }: Sending, { quote, input }: Ready): Promise<void> {
  await showAside(context.io, context.now, (pen) => quoteBlocks(quote, request.note, pen));
  // What cannot be paid is refused by the service, before anybody agrees to it.
  await client.call('create-transfer', { ...input, dryRun: true }, { key: journal.newKey() });
  await context.io.confirm(request.question);
}

/** Writes the payment down, and only then lets it leave. */
async function pay(
  { context, client, journal, request }: Sending,
  { quote, input, account, asked }: Ready,
  interrupts: HeldInterrupts,
): Promise<Answer> {
  const { youPay, fee, theyGet, expiresAt } = quote;
  const figures = { youPay, fee, theyGet, expiresAt };
  const open = journal.begin({ key: request.key, input, place: context.place, account, asked, figures });
  // A Ctrl-C from while the file was being written is noticed in the next turn of the event loop.
  await nextTurn();
  if (interrupts.caught()) {
    open.close();
    throw new Refusal('interrupted');
  }
  const { key } = open.intent;
  try {
    return { transfer: transferOf(await interrupts.whileOut(payOnce(client, open))), key, open };
  } catch (error) {
    // Somebody else used the same key of ours a moment earlier.
    const lost =
      request.key !== undefined && error instanceof Refusal && error.code === 'idempotency_mismatch';
    const transfer = lost ? await answerOfKey(client, key, asked) : undefined;
    if (transfer) return { transfer, key };
    throw error;
  }
}

/** What a payment made. */
function transferOf(made: Made): Transfer {
  if (isTransfer(made)) return made;
  throw new Refusal('idempotency_mismatch', { field: 'operation' });
}

async function preview(sending: Sending): Promise<void> {
  const { context, client, journal, request } = sending;
  const { ready } = await price(sending);
  if (request.key !== undefined && (await answerOfKey(client, request.key, ready.asked)))
    context.show.note('This key has paid for this already: a send would only show that outcome.');
  const key = journal.newKey();
  const transfer = await client.call('create-transfer', { ...ready.input, dryRun: true }, { key });
  const { warnings } = ready.quote;
  await context.show.answer({ ...transfer, warnings }, (pen) => [
    pen.strong('Dry run: nothing was sent. It would be paid like this:'),
    ...quoteBlocks(ready.quote, request.note, pen),
  ]);
}
