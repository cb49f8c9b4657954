import { timestamp, type Deps } from '../deps.ts';
import { isSepa, payeeAccountOf } from '../bank-accounts/read-account.ts';
import { holderAccount } from '../ledger/accounts.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';
import { doneOr } from '../ledger/outcome.ts';
import { PAYMENTS_IN_ONE_FILE, writePayments, type PaymentVersion } from '../rails/write-payments.ts';
import { isAboutRestriction, mayFinish } from '../restrictions/may.ts';
import { bankAccountsByIds } from '../store/bank-accounts.ts';
import type { OwnAccountRow } from '../store/own-accounts.ts';
import { batchById, closeBatch, insertBatch, type BatchRow } from '../store/withdrawal-batches.ts';
import { putIntoBatch, withdrawalsOfBatch, type WithdrawalRow } from '../store/withdrawals.ts';
import { change, move, WITHDRAWALS } from './move.ts';
import type { Move } from './moves.ts';
import { endToEndIdOf } from '../ledger/withdrawal-ids.ts';

/** How a batch is to be made. */
export type BatchWish = {
  readonly from: OwnAccountRow;
  readonly version: PaymentVersion;
  readonly executeOn: string;
  readonly by: string;
};

/** How many withdrawals are asked about at once; they share commits. */
const AT_ONCE = 500;

/** What banks know a batch by. */
export function messageIdOf(batch: string): string {
  return batch.slice(4).toUpperCase();
}

/**
 * Puts what is approved in the account's currency into one batch, as many as a file takes, and closes it. Undefined when
 * nothing was there, or nothing was left of it.
 */
export async function makeBatch(deps: Deps, wish: BatchWish): Promise<BatchRow | undefined> {
  const { from, version, executeOn, by } = wish;
  const madeAt = timestamp(deps.now());
  const row: BatchRow = {
    id: deps.newId('batch'),
    iban: from.iban,
    bic: from.bic,
    name: from.name,
    currency: from.currency,
    version,
    executeOn,
    state: 'open',
    payments: 0n,
    total: 0n,
    madeAt,
    madeBy: by,
    dueAt: madeAt,
  };
  const batched: Move = { state: 'batched', at: madeAt, by };
  const count = await deps.engine.transact(async (tx) => {
    const found = await putIntoBatch(tx, {
      batch: row.id,
      currency: row.currency,
      move: JSON.stringify(batched),
      limit: PAYMENTS_IN_ONE_FILE,
    });
    if (found > 0) await insertBatch(tx, row);
    return found;
  });
  if (count === 0) return undefined;
  await finishBatch(deps, row.id);
  const made = await batchById(deps.engine, row.id);
  return made?.state === 'closed' ? made : undefined;
}

/**
 * Takes out of an open batch what a restriction freezes, and closes it: from then on its file is what it is. Each withdrawal
 * is asked for by an intent of its own that locks its holder's account, so that nothing goes into a file after a restriction
 * was answered; its key makes the answer the same when this was cut short and is done again.
 */
export async function finishBatch(deps: Deps, id: string): Promise<void> {
  const batch = await batchById(deps.engine, id);
  if (batch?.state !== 'open') return;
  const rows = await withdrawalsOfBatch(deps.engine, id);
  for (let at = 0; at < rows.length; at += AT_ONCE)
    await Promise.all(rows.slice(at, at + AT_ONCE).map((row) => keepOrHoldBack(deps, row)));
  await deps.engine.transact(async (tx) => {
    const kept = await withdrawalsOfBatch(tx, id);
    const total = kept.reduce((sum, { amount }) => sum + amount, 0n);
    await closeBatch(tx, id, BigInt(kept.length), total);
  });
}

async function keepOrHoldBack(deps: Deps, row: WithdrawalRow): Promise<void> {
  const account = holderAccount(row.userId, row.currency);
  const outcome = await deps.poster.post({
    id: deps.newId('request'),
    initiator: WITHDRAWALS,
    key: {
      owner: WITHDRAWALS,
      key: `${row.id} ${row.batch}`,
      fingerprint: fingerprintOf({ operation: 'batch' }),
    },
    guards: [mayFinish(account, 'withdraw')],
    watch: [account],
    entries: [],
  });
  if (outcome.state !== 'refused' || !isAboutRestriction(outcome.refusal)) return void doneOr(outcome);
  await change(deps, row, (tx, now) =>
    move(tx, deps, now, { event: 'hold-back', by: WITHDRAWALS, more: { batch: null } }),
  );
}

/** The text of a closed batch's file: the same whenever it is written. */
export async function* fileOfBatch({ engine }: Deps, batch: BatchRow): AsyncGenerator<string> {
  const rows = await withdrawalsOfBatch(engine, batch.id);
  const accounts = new Map(
    (
      await bankAccountsByIds(
        engine,
        rows.map(({ bankAccount }) => bankAccount),
      )
    ).map((account) => [account.id, account]),
  );
  const payments = rows.map((row) => {
    const to = accounts.get(row.bankAccount);
    if (!to) throw new Error(`withdrawal ${row.id} has no bank account`);
    return {
      endToEndId: endToEndIdOf(row.id),
      amount: row.amount,
      creditorName: to.holderName,
      account: payeeAccountOf(to),
      isSepa: isSepa(to),
      remittance: `Withdrawal ${endToEndIdOf(row.id)}`,
    };
  });
  yield* writePayments({
    version: batch.version as PaymentVersion,
    messageId: messageIdOf(batch.id),
    created: new Date(batch.madeAt),
    executeOn: batch.executeOn,
    debtor: {
      name: batch.name,
      iban: batch.iban,
      ...(batch.bic === null ? {} : { bic: batch.bic }),
    },
    currency: batch.currency,
    payments,
  });
}
