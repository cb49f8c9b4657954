import { formatMinor, formatMoney, parsePositiveAmount, type Currency } from '../../../core/money.ts';
import type { Deps } from '../../deps.ts';
import { holderAccount } from '../../ledger/accounts.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { reversalGuard } from '../../ledger/guards.ts';
import type { Intent, Outcome, RefusalDraft } from '../../ledger/intent.ts';
import { balancesOf, guardByName, transferById, type TransferView } from '../../ledger/read.ts';
import { haveMailed } from '../../have-mailed.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import { APPROVALS, inputOf } from '../approval.ts';
import type { Done } from './done.ts';

/** How often what there is to take is looked at again, because it changed before it was taken. */
const MOST_TRIES = 10;

/**
 * Moves a payment back from its recipient to its payer: what was asked for, or else all of it, as far as it was not
 * reversed yet and the recipient has it. It is a new transfer; the fee stays where it is. Restrictions do not stand in
 * its way: money is moved back out of accounts that are kept from sending.
 */
export async function reverse(deps: Deps, row: ApprovalRow): Promise<Done> {
  const { id, subject, act } = row;
  const input = inputOf(row);
  const original = await transferById(deps.engine, input['transfer'] ?? '');
  if (!original)
    return { failed: { code: 'not_found', facts: { thing: 'transfer', id: input['transfer'] ?? '' } } };
  const outcome = await moveBack(deps, row, original, input['amount']);
  if ('failed' in outcome) return outcome;
  const done = await transferById(deps.engine, outcome.id);
  if (!done) throw new Error(`reversal ${outcome.id} of ${id} cannot be read`);
  const currency = done.toCurrency;
  const amount = formatMinor(done.received, currency);
  const told = { act, transfer: done.id, amount, currency, reverses: original.id };
  return {
    result: { transfer: done.id, amount: formatMoney({ minor: done.received, currency }) },
    andWrite: async (tx) => {
      await haveMailed(tx, deps, 'mail.act-done', { ...told, user: subject, direction: 'debit' });
      await haveMailed(tx, deps, 'mail.act-done', { ...told, user: done.toOwner ?? '', direction: 'credit' });
    },
  };
}

/**
 * Tries under one key after the other, each with what can be moved by then: a key whose try came too late is burnt, so
 * that at most one of them ever moves money, also when this is done again from the start.
 */
async function moveBack(
  deps: Deps,
  { id, askedBy, act }: ApprovalRow,
  original: TransferView,
  asked: string | undefined,
): Promise<Extract<Outcome, { state: 'done' }> | Extract<Done, { failed: unknown }>> {
  const fingerprint = fingerprintOf({ operation: act });
  for (let at = 1; ; at++) {
    const key = { owner: APPROVALS, key: at === 1 ? id : `${id} ${at}`, fingerprint };
    const { minor, left } = await whatCanBeMoved(deps, original, asked);
    const outcome = await deps.poster.post({
      ...reversalIntent(deps, original, minor, left),
      initiator: askedBy,
      key,
    });
    if (outcome.state === 'done') return outcome;
    if (outcome.state === 'mismatch') throw new Error(`the key of ${id} was used for something else`);
    // Said by what was written down only: whoever goes on with this after a crash, or beside it, comes to the same end.
    if (!isTooLate(outcome.refusal, original.toCurrency) || at >= MOST_TRIES)
      return { failed: outcome.refusal };
  }
}

/** Whether there was something to move, but less than was tried. */
function isTooLate({ code, facts }: RefusalDraft, currency: Currency): boolean {
  if (code !== 'insufficient_funds' && code !== 'reversal_exceeded') return false;
  const nothing = formatMoney({ minor: 0n, currency });
  return (facts['available'] ?? facts['left']) !== nothing;
}

/** What can be moved back now, and how much is left to reverse whether it is there or not. Minor units. */
async function whatCanBeMoved(
  { engine }: Deps,
  original: TransferView,
  asked: string | undefined,
): Promise<{ minor: bigint; left: bigint }> {
  const currency = original.toCurrency;
  const [reversed, balances] = await Promise.all([
    guardByName(engine, reversalGuard(original.id)),
    balancesOf(engine, original.toOwner ?? ''),
  ]);
  const left = original.received - (reversed?.value ?? 0n);
  const account = balances.find((row) => row.currency === currency);
  const available = account ? account.balance - account.held : 0n;
  const wanted = asked === undefined ? left : parsePositiveAmount(asked, currency).minor;
  return { minor: least(wanted, left, available), left };
}

/** The intent that moves so much back; one that is refused, with the reason, when there is nothing to move. */
function reversalIntent(
  { newId }: Deps,
  original: TransferView,
  minor: bigint,
  left: bigint,
): Omit<Intent, 'key' | 'initiator'> {
  const id = newId('transfer');
  const currency: Currency = original.toCurrency;
  const say = (amount: bigint) => formatMoney({ minor: amount, currency });
  const exceeded = { amount: say(minor > 0n ? minor : original.received), left: say(left > 0n ? left : 0n) };
  if (left <= 0n) return { id, entries: [], refuse: { code: 'reversal_exceeded', facts: exceeded } };
  if (minor <= 0n) {
    const facts = { needed: say(left), available: say(0n) };
    return { id, entries: [], refuse: { code: 'insufficient_funds', facts } };
  }
  const from = holderAccount(original.toOwner ?? '', currency);
  const to = holderAccount(original.fromOwner ?? '', currency);
  const guard = {
    name: reversalGuard(original.id),
    add: minor,
    most: original.received,
    refusal: { code: 'reversal_exceeded', facts: exceeded },
  } as const;
  return {
    id,
    guards: [guard],
    transfer: {
      kind: 'reversal',
      from,
      to,
      paid: minor,
      fee: 0n,
      received: minor,
      details: { reverses: original.id },
    },
    entries: [
      { account: from, amount: -minor },
      { account: to, amount: minor },
    ],
  };
}

function least(...amounts: readonly bigint[]): bigint {
  return amounts.reduce((one, other) => (other < one ? other : one));
}
