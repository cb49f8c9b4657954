import { timestamp, type Deps } from '../deps.ts';
import { heldAccount, holderAccount } from '../ledger/accounts.ts';
import { freezeGuard, restrictionGuard } from '../ledger/guards.ts';
import type { Guard, Intent } from '../ledger/intent.ts';
import { doneOr } from '../ledger/outcome.ts';
import { balancesOf, pendingHoldsOf } from '../ledger/read.ts';
import { inNameOf, record } from '../audit-log/record.ts';
import { withdrawalsByIds } from '../store/withdrawals.ts';
import { callBackAll } from '../withdrawals/call-back.ts';
import { withdrawalOfHold } from '../ledger/withdrawal-ids.ts';
import { liftRestriction, markSettled, restrictionById, type RestrictionRow } from '../store/restrictions.ts';

/** In whose name the job acts. */
export const RESTRICTIONS = 'system:restrictions';

/** Who holds money back until it is paid out: these capabilities have it in flight. */
const HOLDS_MONEY: readonly string[] = ['send', 'withdraw'];
/** No guard ever comes there. */
const NO_BOUND = 2n ** 62n;

/**
 * Brings the guards of payments to what a restriction's row says. When it returns, nothing that the row forbids is paid
 * any more, at any node. Each step is an intent under a key of the restriction's own, so that it happens once, however
 * often this is done: at once by whoever restricts or lifts, and again by the job where that was cut short.
 */
export async function settleRestriction(deps: Deps, id: string): Promise<void> {
  await liftWhatIsOver(deps, id);
  const row = await restrictionById(deps.engine, id);
  if (!row || row.dueAt === null) return;
  const isOfMoney = row.capability !== 'log-in';
  if (isOfMoney) {
    await count(deps, row, 1n);
    if (row.liftedAt === null) await watchAccounts(deps, row);
    else await count(deps, row, -1n);
    if (row.liftedAt === null && row.inFlight === 'cancel') await voidHolds(deps, row);
  }
  await deps.engine.transact((tx) => markSettled(tx, row, isOfMoney && row.liftedAt === null));
}

/** Counts a restriction in its guards, or out of them. What is frozen as well is counted apart. */
async function count(deps: Deps, row: RestrictionRow, add: 1n | -1n): Promise<void> {
  const { id, userId, capability, inFlight } = row;
  const names = [
    restrictionGuard(userId, capability),
    ...(inFlight === 'finish' ? [] : [freezeGuard(userId, capability)]),
  ];
  const guards = names.map((name): Guard => {
    return { name, add, most: NO_BOUND, refusal: { code: 'balance_limit', facts: {} } };
  });
  const intent = intentOf(row, add > 0n ? 'set' : 'lifted');
  // A key that has its transfer's id is looked for among the transfers.
  doneOr(await deps.poster.post({ ...intent, id: add > 0n ? id : deps.newId('request'), guards }));
}

/**
 * Has the guards asked for every account of the holder's, and so waits for payments that were being decided when the
 * guard was counted up and have not seen it: they hold the lock of such an account until they are written. One that
 * is opened meanwhile is watched from the start, and opening it clashes with the guard (rules.ts).
 */
async function watchAccounts(deps: Deps, row: RestrictionRow): Promise<void> {
  // Read after the guard was written, or one that such a payment opens before could be missed.
  const accounts = await balancesOf(deps.engine, row.userId);
  const watch = accounts.map(({ currency }) => holderAccount(row.userId, currency));
  doneOr(await deps.poster.post({ ...intentOf(row, 'watched'), id: deps.newId('request'), watch }));
}

/** Gives up what the holder has in flight, so that the money is there again. */
async function voidHolds(deps: Deps, row: RestrictionRow): Promise<void> {
  if (!HOLDS_MONEY.includes(row.capability)) return;
  // What is at a bank cannot be given up, so withdrawals go their own way back.
  if (row.capability === 'withdraw') return callBackAll(deps, row.userId, row.madeBy);
  const pending = await pendingHoldsOf(deps.engine, row.userId);
  const ofWithdrawals = await withdrawalsByIds(
    deps.engine,
    pending.map(({ id }) => withdrawalOfHold(id)),
  );
  const kept = new Set(ofWithdrawals.map(({ hold }) => hold));
  const holds = pending.filter(({ id }) => !kept.has(id));
  const outcomes = holds.map((hold) =>
    deps.poster.post({
      ...intentOf(row, hold.id),
      id: deps.newId('transfer'),
      resolveHolds: [{ id: hold.id, account: heldAccount(hold), as: 'voided' }],
    }),
  );
  await Promise.all(outcomes);
}

function intentOf(row: RestrictionRow, step: string): Intent {
  return {
    id: row.id,
    initiator: row.liftedBy ?? row.madeBy,
    key: { owner: RESTRICTIONS, key: `${row.id} ${step}`, fingerprint: 'operation=restrict' },
    entries: [],
  };
}

async function liftWhatIsOver({ engine, now, newId }: Deps, id: string): Promise<void> {
  const at = timestamp(now());
  await engine.transact(async (tx) => {
    const row = await restrictionById(tx, id);
    if (!row || row.liftedAt !== null || row.expiresAt === null || row.expiresAt > at) return;
    await liftRestriction(tx, id, { by: RESTRICTIONS, at, reason: null });
    const { userId: subject, capability } = row;
    await record(tx, { now, newId }, inNameOf(RESTRICTIONS), {
      action: 'restriction-expired',
      subject,
      object: id,
      facts: { capability },
    });
  });
}
