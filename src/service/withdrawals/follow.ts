import type { Deps } from '../deps.ts';
import { feesAccount, holderAccount, suspenseAccount } from '../ledger/accounts.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';
import { outGuard, claimGuard, suspenseGuard } from '../ledger/guards.ts';
import { doneOr } from '../ledger/outcome.ts';
import { guardByName, holdById, transferById } from '../ledger/read.ts';
import { approvalById } from '../store/approvals.ts';
import { updateWithdrawal, withdrawalById, type WithdrawalRow } from '../store/withdrawals.ts';
import { earlyReturnsOf, earlyReturnsTo } from './early-returns.ts';
import { change, move, WITHDRAWALS } from './move.ts';
import { isOver, type Ending } from './moves.ts';
import { outGuardOf } from './out.ts';
import { request } from './request.ts';
import { refundsFee } from './rules.ts';

/** More steps than any withdrawal ever has before it. */
const MOST_STEPS = 12;

/**
 * Brings a withdrawal's row to what the book says, and the book to what the row asks for: whoever acted on one does it at
 * once, and a job does it where that was cut short. The book decides: a hold is taken or let go of once, whatever the row
 * says. Each act of money has a key made from the withdrawal's id, so that it happens once, however often this is done.
 */
export async function followWithdrawal(deps: Deps, id: string): Promise<WithdrawalRow | undefined> {
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const row = await withdrawalById(deps.engine, id);
    if (!row) return undefined;
    if (!(await step(deps, row))) return rest(deps, row);
  }
  throw new Error(`withdrawal ${id} does not come to rest`);
}

/** Does one thing that is to be done; false when nothing is. */
async function step(deps: Deps, row: WithdrawalRow): Promise<boolean> {
  if (row.state === 'begun') {
    await request(deps, row);
    return true;
  }
  if (isOver(row.state)) return stepBack(deps, row);
  const hold = await holdById(deps.engine, row.hold);
  if (!hold) throw new Error(`withdrawal ${row.id} has no hold`);
  if (hold.state === 'posted') {
    const more = { transfer: hold.resolvedBy, ending: null };
    await change(deps, row, (tx, now) => move(tx, deps, now, { event: 'settle', by: WITHDRAWALS, more }));
    return true;
  }
  const ending = row.ending === null ? undefined : (JSON.parse(row.ending) as Ending);
  if (hold.state !== 'pending') {
    await end(deps, row, ending);
    return true;
  }
  if (ending !== undefined) {
    await letGo(deps, row);
    return true;
  }
  return (
    row.state === 'requested' && row.approval !== null && (await stepByApproval(deps, row, row.approval))
  );
}

/** What two people decided, or did not. */
async function stepByApproval(deps: Deps, row: WithdrawalRow, id: string): Promise<boolean> {
  const approval = await approvalById(deps.engine, id);
  const by = approval?.decidedBy ?? WITHDRAWALS;
  if (approval?.state === 'done') {
    // What staff wrote is for staff: it is in the log, with the decision.
    await change(deps, row, (tx, now) => move(tx, deps, now, { event: 'approve', by }));
    return true;
  }
  if (!['refused', 'expired', 'failed'].includes(approval?.state ?? '')) return false;
  const reason =
    approval?.state === 'refused' ? 'It was not approved.' : 'Nobody who may approve it did so in time.';
  const ending: Ending = { event: 'reject', by, reason };
  await change(deps, row, async (tx, now) => {
    const changed = { ...now, ending: JSON.stringify(ending) };
    await updateWithdrawal(tx, changed);
    return changed;
  });
  return true;
}

/** Gives the money on hold back to the holder; whoever was first decides. */
async function letGo({ poster, newId }: Deps, row: WithdrawalRow): Promise<void> {
  const account = holderAccount(row.userId, row.currency);
  const outcome = await poster.post({
    id: newId('transfer'),
    initiator: WITHDRAWALS,
    key: { owner: WITHDRAWALS, key: `${row.id} void`, fingerprint: fingerprintOf({ operation: 'void' }) },
    resolveHolds: [{ id: row.hold, account, as: 'voided' }],
    entries: [],
  });
  const isFirst = outcome.state === 'done';
  const isLate = outcome.state === 'refused' && outcome.refusal.code === 'hold_resolved';
  if (!isFirst && !isLate) doneOr(outcome);
}

/** The hold was let go of: so it ends, as was meant, or by whatever else let go of it. */
async function end(deps: Deps, row: WithdrawalRow, ending: Ending | undefined): Promise<void> {
  const states: Partial<Record<string, Ending['event']>> = { batched: 'fail', sent: 'fail' };
  const { event, by, reason } = ending ?? { event: states[row.state] ?? 'cancel', by: WITHDRAWALS };
  await change(deps, row, (tx, now) => move(tx, deps, now, { event, by, reason, more: { ending: null } }));
}

/** What can still happen after the end: the bank brings the money back, and the fee goes after it. */
async function stepBack(deps: Deps, row: WithdrawalRow): Promise<boolean> {
  const { engine } = deps;
  if (row.state === 'settled') {
    const early = earlyReturnsOf(row);
    if (early.length > 0) {
      await bookEarlyReturns(deps, row, early);
      return true;
    }
    const out = await guardByName(engine, outGuard(row.id));
    if (!out || out.value === -row.amount) return false;
    const returned = await transferById(engine, out.changedBy);
    const { why } = JSON.parse(returned?.details ?? '{}') as { why?: string };
    await change(deps, row, (tx, now) =>
      move(tx, deps, now, {
        event: 'return',
        by: WITHDRAWALS,
        reason: why === undefined ? undefined : `The bank says: ${why}.`,
        more: { returnedBy: out.changedBy },
      }),
    );
    return true;
  }
  if (row.state !== 'returned' || row.feeRefund !== null || row.fee === 0n) return false;
  if (!(await refundsFee(engine))) return false;
  const feeRefund = await refundFee(deps, row);
  await change(deps, row, async (tx, now) => {
    const changed = { ...now, feeRefund };
    await updateWithdrawal(tx, changed);
    return changed;
  });
  return true;
}

async function refundFee({ poster, newId }: Deps, row: WithdrawalRow): Promise<string> {
  const { fee, currency } = row;
  const [from, to] = [feesAccount(currency), holderAccount(row.userId, currency)];
  const outcome = await poster.post({
    id: newId('transfer'),
    initiator: WITHDRAWALS,
    key: {
      owner: WITHDRAWALS,
      key: `${row.id} fee-refund`,
      fingerprint: fingerprintOf({ operation: 'fee-refund' }),
    },
    transfer: {
      kind: 'fee-refund',
      from,
      to,
      paid: fee,
      fee: 0n,
      received: fee,
      details: { withdrawal: row.id },
    },
    entries: [
      { account: from, amount: -fee },
      { account: to, amount: fee },
    ],
  });
  return doneOr(outcome);
}

/**
 * It came back before a statement showed that it had left, and waits in suspense since. Now it goes to the holder, as far as
 * it is no more than had left, and nobody of staff was faster.
 */
async function bookEarlyReturns(deps: Deps, row: WithdrawalRow, ids: readonly string[]): Promise<void> {
  for (const id of ids) await bookEarlyReturn(deps, row, id);
  await change(deps, row, async (tx, now) => {
    const left = earlyReturnsOf(now).filter((id) => !ids.includes(id));
    const changed = { ...now, earlyReturn: earlyReturnsTo(left) };
    await updateWithdrawal(tx, changed);
    return changed;
  });
}

async function bookEarlyReturn(deps: Deps, row: WithdrawalRow, id: string): Promise<void> {
  const item = await transferById(deps.engine, id);
  if (!item) throw new Error(`the early return ${id} is not in the book`);
  const { currency } = row;
  const [from, to] = [suspenseAccount(currency), holderAccount(row.userId, currency)];
  const amount = item.received;
  const { why } = JSON.parse(item.details ?? '{}') as { why?: string };
  const outcome = await deps.poster.post({
    id: deps.newId('transfer'),
    initiator: WITHDRAWALS,
    key: {
      owner: WITHDRAWALS,
      key: `${row.id} ${id}`,
      fingerprint: fingerprintOf({ operation: 'early-return' }),
    },
    guards: [
      outGuardOf(row, amount),
      ...[suspenseGuard(id), claimGuard(id)].map((name) => ({
        name,
        add: 1n,
        most: 1n,
        refusal: { code: 'reference_used' as const, facts: { reference: id } },
      })),
    ],
    transfer: {
      kind: 'return',
      from,
      to,
      paid: amount,
      fee: 0n,
      received: amount,
      details: { withdrawal: row.id, assigns: id, ...(why === undefined ? {} : { why }) },
    },
    entries: [
      { account: from, amount: -amount },
      { account: to, amount },
    ],
  });
  // Whatever else it is refused for, it stays in suspense, where staff see it.
  if (outcome.state === 'mismatch') doneOr(outcome);
}

/** Nothing is left to do until something else happens. */
async function rest(deps: Deps, row: WithdrawalRow): Promise<WithdrawalRow> {
  if (row.dueAt === null) return row;
  // What happened since it was read has made it due again, or will be seen by the next look.
  const rested = await change(deps, row, async (tx, now) => {
    if (now.dueAt !== row.dueAt) return now;
    const changed = { ...now, dueAt: null };
    await updateWithdrawal(tx, changed);
    return changed;
  });
  return rested ?? row;
}
