import type { OkpayClient } from './client.ts';
import type { Output } from './contract/operations.ts';
import { Refusal, type RefusalCode } from './contract/refusals.ts';
import type { OpenIntent } from './journal.ts';

/** What a money call made: a transfer, or a withdrawal, which becomes one later. */
export type Made = Output<'create-transfer'> | Output<'create-withdrawal'>;

/** How a payment ended, for certain: paid, or refused under a key that can never pay any more. */
export type Ending =
  { readonly state: 'done'; readonly made: Made } | { readonly state: 'refused'; readonly refusal: Refusal };

/** Answers that do not say whether the call was done. */
const SAY_NOTHING: readonly RefusalCode[] = ['outcome_unknown', 'unexpected', 'idempotency_running'];

/**
 * Makes the first call of an intent that is written down. When it is paid the intent stays open: the caller closes it
 * once the outcome is printed. Throws the refusal, with the intent closed, when nothing happened; and
 * `outcome_unknown` or `idempotency_running`, with the intent left, when that is not known.
 */
export async function payOnce(client: OkpayClient, open: OpenIntent): Promise<Made> {
  try {
    return await call(client, open);
  } catch (error) {
    const known = error instanceof Refusal && !SAY_NOTHING.includes(error.code);
    if (known) open.close();
    else open.leave();
    throw unknownWhereUnexpected(error);
  }
}

/**
 * Finds out what became of an intent that was left: the same call is made again under the same key. If the first one
 * arrived, this answers what came of it; if it never did, it is paid now if its quote still binds. A no is made final
 * by giving up the key, so that a first call that is still on its way cannot pay after it was reported as not paid.
 * The caller closes the intent once the ending is told. Throws, with the intent left, what stands in the way of knowing.
 */
export async function settle(client: OkpayClient, open: OpenIntent): Promise<Ending> {
  try {
    return { state: 'done', made: await call(client, open) };
  } catch (error) {
    if (error instanceof Refusal && isAnswer(error)) return giveUp(client, open, error);
    open.leave();
    throw unknownWhereUnexpected(error);
  }
}

function call(client: OkpayClient, { intent: { operation, input, key } }: OpenIntent): Promise<Made> {
  return operation === 'create-withdrawal'
    ? client.call('create-withdrawal', { quote: input.quote }, { key })
    : client.call('create-transfer', input, { key });
}

/** Whether what was made is a transfer. */
export function isTransfer(made: Made): made is Output<'create-transfer'> {
  return 'received' in made;
}

async function giveUp(client: OkpayClient, open: OpenIntent, refusal: Refusal): Promise<Ending> {
  // The key pays, or paid, for something else: then this was never done under it and cannot be.
  if (refusal.code === 'idempotency_mismatch') return { state: 'refused', refusal };
  try {
    const proof = await client.call('abandon-intent', { key: open.intent.key });
    if (proof.state === 'refused') return { state: 'refused', refusal };
    if (proof.state === 'done' && proof.transfer) return { state: 'done', made: proof.transfer };
    if (proof.state === 'done' && proof.withdrawal !== undefined)
      return { state: 'done', made: await client.call('get-withdrawal', { withdrawal: proof.withdrawal }) };
    throw new Refusal('outcome_unknown');
  } catch (error) {
    open.leave();
    throw unknownWhereUnexpected(error);
  }
}

/** Whether a refusal is about the payment, and not about a login, the service or the way to it. */
function isAnswer({ code, exitCode }: Refusal): boolean {
  return code !== 'too_many_attempts' && ![1, 4, 8, 10, 11, 130].includes(exitCode);
}

/** A service that broke may have done what it was asked before it did. */
function unknownWhereUnexpected(error: unknown): unknown {
  return error instanceof Refusal && error.code === 'unexpected' ? new Refusal('outcome_unknown') : error;
}
