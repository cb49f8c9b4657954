import { setTimeout as sleep } from 'node:timers/promises';
import { differingWish, type Asked } from '../core/asked.ts';
import type { OkpayClient } from '../core/client.ts';
import type { Output } from '../core/contract/operations.ts';
import { Refusal, type Problem } from '../core/contract/refusals.ts';
import type { Found, Journal, OpenIntent, SavedIntent } from '../core/journal.ts';
import { formatMoney, fromWire, type Money } from '../core/money.ts';
import { isTransfer, settle, type Ending, type Made } from '../core/pay-once.ts';
import type { Context } from './context.ts';

/** How long another okpay that is sending the same is waited for, in milliseconds. */
const LIVE_WAIT_MS = 10_000;
const LIVE_POLL_MS = 50;

/** A payment that is wanted now, to be compared with those that were interrupted. */
export type Wish = {
  readonly asked: Asked;
  readonly quote: string;
  /** The Idempotency-Key, where the user chose it. */
  readonly key: string | undefined;
  readonly maximumFee: Money | undefined;
};

/** An earlier payment whose outcome is now known, as --json tells it. */
export type Settled = {
  key: string;
  state: Ending['state'];
  asked: Asked;
  transfer?: Output<'create-transfer'>;
  withdrawal?: Output<'create-withdrawal'>;
  problem?: Problem;
};

export type Earlier = {
  readonly settled: readonly Settled[];
  /** The outcome of the very payment that is wanted; its intent is to be closed once that is printed. */
  readonly answer?: { readonly made: Made; readonly open: OpenIntent };
};

/**
 * Settles what was interrupted before, each told on stderr and closed. What was asked for in the same words as the wish
 * comes last: if it is done, that is the answer, and if it can never be done any more, the wish is still open. An
 * intent that another process is working on is left to it; but when it is the same as the wish, that process is waited
 * for, because whether it ends well decides between a second payment and the answer to the first.
 * Throws what stands in the way of knowing, so that nothing new is sent; `journal_damaged`, `idempotency_running`,
 * `idempotency_mismatch`, and `fee_above_maximum` when what was interrupted might now cost more than the wish allows.
 */
export async function settleEarlier(
  context: Context,
  client: OkpayClient,
  journal: Journal,
  account: string,
  wish?: Wish,
): Promise<Earlier> {
  const { found, damaged } = journal.list(context.place);
  const mine = found.filter(({ intent }) => intent.account.id === account);
  const settled: Settled[] = [];
  for (const each of mine.filter(({ intent }) => !isSame(intent, wish))) {
    const open = journal.claim(each);
    if (typeof open === 'string') continue;
    const ending = await settleOrTell(context, client, open);
    settled.push(settledAs(open.intent, ending));
    context.show.note(endingSentence(open.intent, ending, 'An earlier send was interrupted.'));
    open.close();
  }
  if (damaged[0]) throw damaged[0];
  for (const each of wish ? mine.filter(({ intent }) => isSame(intent, wish)) : []) {
    const open = await claimWhenFree(context, journal, each);
    if (!open) continue;
    checkFee(context, open, wish?.maximumFee);
    const ending = await settleOrTell(context, client, open);
    if (ending.state === 'done') return { settled, answer: { made: ending.made, open } };
    settled.push(settledAs(open.intent, ending));
    context.show.note(endingSentence(open.intent, ending, 'An earlier send of the same was interrupted.'));
    open.close();
  }
  return { settled };
}

/** `12.50 EUR to Bob Example (bob@example.com)`; `12.50 EUR into USD`. */
export function wishSentence({ amount, to, feeFrom, other, isConversion }: Asked): string {
  const said = `${amount.amount} ${amount.currency}`;
  if (isConversion) return feeFrom === 'sender' ? `${other} into ${said}` : `${said} into ${other}`;
  return `${amount.amount} ${amount.currency} to ${to.name}${to.email === undefined ? '' : ` (${to.email})`}`;
}

/** Whether a saved intent is what is wanted now. Throws `idempotency_mismatch` for the same key on another wish. */
function isSame(intent: SavedIntent, wish: Wish | undefined): boolean {
  if (!wish) return false;
  const field = intent.input.quote === wish.quote ? undefined : differingWish(intent.asked, wish.asked);
  if (wish.key === undefined) return field === undefined;
  if (wish.key === intent.key && field !== undefined) throw new Refusal('idempotency_mismatch', { field });
  return wish.key === intent.key;
}

async function claimWhenFree(
  { show }: Context,
  journal: Journal,
  found: Found,
): Promise<OpenIntent | undefined> {
  let open = journal.claim(found);
  if (open === 'live') {
    show.note(`Process ${found.intent.process} is sending the same just now; waiting for it to finish.`);
    for (const end = Date.now() + LIVE_WAIT_MS; open === 'live' && Date.now() < end;) {
      await sleep(LIVE_POLL_MS);
      open = journal.claim(found);
    }
    if (open === 'gone') show.note('It has finished. This is another payment.');
  }
  if (open === 'live') throw new Refusal('idempotency_running');
  return open === 'gone' ? undefined : open;
}

function checkFee({ show }: Context, open: OpenIntent, maximum: Money | undefined): void {
  const fee = fromWire(open.intent.figures.fee);
  if (maximum === undefined || fee.minor <= maximum.minor) return;
  open.leave();
  show.note(notKnownYet(open.intent));
  throw new Refusal('fee_above_maximum', { fee: formatMoney(fee), maximum: formatMoney(maximum) });
}

function notKnownYet({ asked, key }: SavedIntent): string {
  return `An earlier send was interrupted, and whether it was paid is not known yet: ${wishSentence(asked)}, ${key}. Nothing new was sent. To settle it: okpay pending`;
}

async function settleOrTell({ show }: Context, client: OkpayClient, open: OpenIntent): Promise<Ending> {
  try {
    return await settle(client, open);
  } catch (error) {
    show.note(notKnownYet(open.intent));
    throw error;
  }
}

function endingSentence({ asked }: SavedIntent, ending: Ending, beginning: string): string {
  const what = wishSentence(asked);
  return ending.state === 'done'
    ? `${beginning} It is ${isTransfer(ending.made) ? 'paid' : 'on its way'}: ${what}, ${ending.made.id}.`
    : `${beginning} It was not paid and never will be: ${what}. ${ending.refusal.message}`;
}

function settledAs({ key, asked }: SavedIntent, ending: Ending): Settled {
  return ending.state === 'done'
    ? {
        key,
        state: 'done',
        asked,
        ...(isTransfer(ending.made) ? { transfer: ending.made } : { withdrawal: ending.made }),
      }
    : { key, state: 'refused', asked, problem: ending.refusal.toProblem() };
}
