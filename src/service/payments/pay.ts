import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Actor, Deps } from '../deps.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import type { TokenFacts } from '../identity/token-facts.ts';
import { differingField } from '../ledger/fingerprint.ts';
import type { Outcome } from '../ledger/intent.ts';
import { outcomeOf } from '../ledger/outcome.ts';
import { intentsByKeys, paymentsByIds } from '../ledger/read.ts';
import { showTransfer } from '../ledger/show-transfer.ts';
import { confirm, confirmations } from './confirm.ts';
import { lookUp } from './look-up.ts';
import { fingerprinterOfOrders, type Order } from './order.ts';
import { paymentIntent, type Payment } from './payment.ts';
import { showPayment } from './show-payment.ts';
import { checkToken } from './token-limits.ts';

/** How an order ended. `undecided` says why it is not known, or why nothing was decided: its key settles it. */
export type Ending =
  | { readonly state: 'done'; readonly transfer: Output<'create-transfer'> }
  | { readonly state: 'refused' | 'undecided'; readonly refusal: Refusal };

/** Who pays, and how they call. */
type Payer = Recipient & Actor;
/** An order with the payment it would be, or why there is none, and why that takes a code, if it does. */
type Tried = {
  readonly order: Order;
  readonly fingerprint: string;
  readonly payment: Payment | Refusal;
  readonly takesCode?: string | undefined;
};
/** An ending, or which transfer is to be read for it: the key had paid before. */
type Came = Ending | { readonly state: 'replayed'; readonly id: string };

/**
 * Pays orders of one payer, each for itself: what is wrong with one is said of that one and touches no other. Orders
 * that arrive together share questions and a commit. They are taken in order: a key that comes again in the list is
 * the first one's. One code confirms all that take one: they are in the call that it comes with. Throws only what
 * makes it impossible to ask at all.
 */
export async function payAll(
  deps: Deps,
  payer: Payer,
  orders: readonly Order[],
  code: string | undefined,
): Promise<Ending[]> {
  const [paymentOf, whyCode] = await Promise.all([
    lookUp(deps, payer, orders),
    confirmations(deps.engine, payer.id),
  ]);
  const fingerprintOf = fingerprinterOfOrders();
  const tried = orders.map((order): Tried => {
    const payment = attempt(() => allowed(paymentOf(order), payer.token));
    const takesCode = payment instanceof Refusal || order.dryRun ? undefined : whyCode(payment);
    return { order, fingerprint: fingerprintOf(order), payment, takesCode };
  });
  const answers = await answersOfKeys(deps, payer.id, tried);
  const unconfirmed = tried.filter((each) => each.takesCode !== undefined && !answers.has(each));
  const reason = unconfirmed[0]?.takesCode;
  const refusal = reason === undefined ? undefined : await confirm(deps, payer, code, reason);
  if (refusal) for (const each of unconfirmed) answers.set(each, { state: 'refused', refusal });
  const came = await settled(
    tried.map(async (each): Promise<Came> => {
      const answer = answers.get(each);
      if (answer) return answer;
      if (each.payment instanceof Refusal) return { state: 'refused', refusal: each.payment };
      return pay(deps, each.payment, each);
    }),
  );
  return readReplays(deps, payer.id, came);
}

/** A payment by a token within its limits. */
function allowed(payment: Payment, token: TokenFacts | undefined): Payment {
  if (token === undefined) return payment;
  checkToken(token, payment);
  return { ...payment, token };
}

async function pay(deps: Deps, payment: Payment, { order, fingerprint }: Tried): Promise<Came> {
  const { key, dryRun } = order;
  const intent = paymentIntent(deps, payment, { owner: payment.from.id, key, fingerprint }, { dryRun });
  const outcome = await deps.poster.post(intent).catch(refusalOf);
  if (outcome instanceof Refusal) return { state: 'undecided', refusal: outcome };
  if (outcome.state === 'mismatch' || outcome.replayed) return answerOf(outcome);
  if (outcome.state === 'done')
    return { state: 'done', transfer: showPayment(payment, outcome, dryRun ? 'dry_run' : 'done') };
  // Nothing was recorded of a trial that could be asked about under an id.
  const { code, facts } = outcome.refusal;
  return { state: 'refused', refusal: new Refusal(code, facts, dryRun ? undefined : outcome.id) };
}

/**
 * What a key was used for stays its answer, whatever has become since of what an order names. Where there is a payment
 * the poster sees to that; this does where there is none, and before a code is asked for.
 */
async function answersOfKeys(
  { engine }: Deps,
  payer: string,
  tried: readonly Tried[],
): Promise<Map<Tried, Came>> {
  const keys = tried.flatMap(({ order, payment, takesCode }) =>
    payment instanceof Refusal || takesCode !== undefined ? [order.key] : [],
  );
  const used = new Map((await intentsByKeys(engine, payer, keys)).map((row) => [row.key, row]));
  if (used.size > 0) await engine.confirm();
  const answers = new Map<Tried, Came>();
  /** What this very list uses keys for. */
  const first = new Map<string, string>();
  for (const each of tried) {
    const { order, fingerprint, payment } = each;
    const row = used.get(order.key);
    const before = first.get(order.key);
    if (row) answers.set(each, answerOf(outcomeOf(row, fingerprint)));
    else if (!(payment instanceof Refusal)) first.set(order.key, before ?? fingerprint);
    else if (before !== undefined)
      answers.set(each, answerOf({ state: 'mismatch', field: differingField(before, fingerprint) ?? 'key' }));
  }
  return answers;
}

/** What a key that was used before answers. */
function answerOf(outcome: Outcome): Came {
  if (outcome.state === 'done') return { state: 'replayed', id: outcome.id };
  if (outcome.state === 'mismatch')
    return { state: 'refused', refusal: new Refusal('idempotency_mismatch', { field: outcome.field }) };
  const { code, facts } = outcome.refusal;
  return { state: 'refused', refusal: new Refusal(code, facts, outcome.id) };
}

/** When they cannot be read now, that is said of them alone: others of the list have been paid. */
async function readReplays({ engine }: Deps, payer: string, came: readonly Came[]): Promise<Ending[]> {
  const ids = came.flatMap((each) => (each.state === 'replayed' ? [each.id] : []));
  const found = await paymentsByIds(engine, ids).catch(refusalOf);
  const rows = new Map(found instanceof Refusal ? [] : found.map((row) => [row.id, row]));
  return came.map((each) => {
    if (each.state !== 'replayed') return each;
    if (found instanceof Refusal) return { state: 'undecided', refusal: found };
    const row = rows.get(each.id);
    if (!row) throw new Error(`transfer ${each.id} cannot be read`);
    return {
      state: 'done',
      transfer: showTransfer(row, payer, { minor: row.after, currency: row.fromCurrency }),
    };
  });
}

/** Waits for all of them, also when one fails: nothing may still be written when the answer goes out. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function attempt<T>(work: () => T): T | Refusal {
  try {
    return work();
  } catch (error) {
    return refusalOf(error);
  }
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  throw error;
}
