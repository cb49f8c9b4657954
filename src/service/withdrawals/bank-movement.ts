import { formatMoney } from '../../core/money.ts';
import { labelOf } from '../bank-accounts/read-account.ts';
import { bookingIntent, type Booking, type Movement } from '../deposits/book-entry.ts';
import { timestamp, type Deps } from '../deps.ts';
import { feesAccount, holderAccount } from '../ledger/accounts.ts';
import type { Intent, Outcome } from '../ledger/intent.ts';
import { bankAccountsByIds, type BankAccountRow } from '../store/bank-accounts.ts';
import { batchById, type BatchRow } from '../store/withdrawal-batches.ts';
import {
  markDue,
  updateWithdrawal,
  withdrawalById,
  withdrawalsByIds,
  type WithdrawalRow,
} from '../store/withdrawals.ts';
import { earlyReturnsOf, earlyReturnsTo } from './early-returns.ts';
import { outGuardOf } from './out.ts';

/** A withdrawal that a movement of a statement names, with all that says whether it fits. */
type Named = {
  readonly row: WithdrawalRow;
  readonly batch: BatchRow | undefined;
  readonly to: BankAccountRow | undefined;
};

/** How movements are booked that name withdrawals. */
export type Matcher = {
  /** The intent that pays the withdrawal out, or brings it back; undefined for a movement that names none. */
  readonly intentOf: (booking: Booking) => Intent | undefined;
  /** The intent that books it to suspense instead, and why, when that one was refused. */
  readonly insteadOf: (booking: Booking, outcome: Outcome) => Intent;
  /** Those of the withdrawals that may now be further than their rows say. */
  readonly touched: readonly string[];
};

/** Why a movement cannot be what it says to a withdrawal, as a clause. */
const NO_SUCH = 'it names a withdrawal, and does not fit it';

/**
 * Finds the withdrawals that movements of one statement name, and has a job look at them: whatever happens from here on,
 * their rows come to follow the book. A name is what banks were told to call a payment, and known to nobody else; what does
 * not fit in account, currency or amount is booked to suspense, as is what the book does not take.
 */
export async function matchWithdrawals(
  deps: Deps,
  account: string,
  movements: readonly Movement[],
): Promise<Matcher> {
  const { engine } = deps;
  const ids = movements.flatMap((movement) => withdrawalNamed(movement) ?? []);
  const rows = await withdrawalsByIds(engine, ids);
  const batches = new Map<string, BatchRow | undefined>();
  for (const { batch } of rows)
    if (batch !== null && !batches.has(batch)) batches.set(batch, await batchById(engine, batch));
  const accounts = await bankAccountsByIds(
    engine,
    rows.map(({ bankAccount }) => bankAccount),
  );
  const named = new Map(
    rows.map((row): [string, Named] => [
      row.id,
      {
        row,
        batch: row.batch === null ? undefined : batches.get(row.batch),
        to: accounts.find(({ id }) => id === row.bankAccount),
      },
    ]),
  );
  const touched = [...named.keys()];
  const at = timestamp(deps.now());
  if (touched.length > 0) await engine.transact((tx) => markDue(tx, touched, at));
  const find = (movement: Movement) => named.get(withdrawalNamed(movement) ?? '');
  return {
    touched,
    intentOf: (booking) => {
      const found = find(booking.movement);
      if (!found) return undefined;
      const misfit = misfitOf(found, account, booking.movement);
      if (misfit !== undefined) return bookingIntent(deps, booking, undefined, misfit);
      return booking.movement.direction === 'debit'
        ? paidIntent(deps, booking, found)
        : returnIntent(deps, booking, found);
    },
    insteadOf: (booking, outcome) => {
      const id = find(booking.movement)?.row.id ?? '';
      const isEarly = booking.movement.direction === 'credit';
      const refused = outcome.state === 'refused' ? outcome.refusal.code : '';
      const reason = isEarly
        ? `it brings back the withdrawal ${id}, which has not been seen to leave, or has come back already`
        : `it pays the withdrawal ${id}, which was ended or paid before (${refused})`;
      return insteadIntent(deps, booking, reason, id);
    },
  };
}

/** Notes that a return waits in suspense, to be given to the holder once the payment is seen to have left. */
export async function noteEarlyReturn(deps: Deps, movement: Movement, transfer: string): Promise<void> {
  const id = withdrawalNamed(movement);
  if (id === undefined || movement.direction !== 'credit') return;
  await deps.engine.transact(async (tx) => {
    const row = await withdrawalById(tx, id);
    if (!row || !['batched', 'sent', 'settled'].includes(row.state)) return;
    const earlyReturn = earlyReturnsTo([...earlyReturnsOf(row), transfer]);
    await updateWithdrawal(tx, { ...row, earlyReturn });
  });
}

/** The id of the withdrawal that a movement says it is about, whether there is one or not. */
function withdrawalNamed({ endToEndId, direction, isReturn }: Movement): string | undefined {
  if (endToEndId === undefined || !/^[0-9A-HJKMNP-TV-Z]{26}$/i.test(endToEndId)) return undefined;
  if (direction === 'debit' ? isReturn : !isReturn) return undefined;
  return `wdr_${endToEndId.toLowerCase()}`;
}

function misfitOf({ row, batch }: Named, account: string, movement: Movement): string | undefined {
  const { amount } = movement;
  if (batch?.state !== 'closed') return `${NO_SUCH}: it was never given to a bank`;
  if (batch.iban !== account) return `${NO_SUCH}: that was to be paid from another account`;
  if (amount.currency !== row.currency) return `${NO_SUCH}: that is in ${row.currency}`;
  const isPayment = movement.direction === 'debit';
  if (isPayment ? amount.minor === row.amount : amount.minor <= row.amount) return undefined;
  const said = formatMoney({ minor: row.amount, currency: row.currency });
  return `${NO_SUCH}: that is of ${said}`;
}

/** The bank paid: what was on hold goes to the mirror of its account, and the fee to the fees. */
function paidIntent(deps: Deps, booking: Booking, { row, to }: Named): Intent {
  const base = bookingIntent(deps, booking, undefined, '');
  const { userId, currency, paid, fee, amount, quote, hold, id } = row;
  const [from, bank] = [holderAccount(userId, currency), bankOf(base)];
  return {
    ...base,
    guards: [...(base.guards ?? []), outGuardOf(row, -amount)],
    resolveHolds: [{ id: hold, account: from, as: 'posted', amount: paid }],
    transfer: {
      kind: 'withdrawal',
      from,
      to: bank,
      paid,
      fee,
      received: amount,
      quote,
      details: { ...aboutIt(base), withdrawal: id, ...(to ? { payee: labelOf(to) } : {}) },
    },
    entries: [
      { account: from, amount: -paid },
      { account: bank, amount },
      ...(fee === 0n ? [] : [{ account: feesAccount(currency), amount: fee }]),
    ],
    events: [],
  };
}

/** The bank brought it back, or what its own charges left of it: the holder has it again. */
function returnIntent(deps: Deps, booking: Booking, { row }: Named): Intent {
  const base = bookingIntent(deps, booking, undefined, '');
  const { minor } = booking.movement.amount;
  const [bank, to] = [bankOf(base), holderAccount(row.userId, row.currency)];
  return {
    ...base,
    guards: [...(base.guards ?? []), outGuardOf(row, minor)],
    transfer: {
      kind: 'return',
      from: bank,
      to,
      paid: minor,
      fee: 0n,
      received: minor,
      details: { ...aboutIt(base), withdrawal: row.id, ...whyOf(booking.movement) },
    },
    entries: [
      { account: bank, amount: -minor },
      { account: to, amount: minor },
    ],
    events: [],
  };
}

/** The movement's own key is burnt by the refusal; what is booked of the entry is counted all the same. */
function insteadIntent(deps: Deps, booking: Booking, reason: string, withdrawal: string): Intent {
  const intent = bookingIntent(deps, booking, undefined, reason);
  const { transfer } = intent;
  if (!transfer) throw new Error('a movement is booked as a transfer');
  const details = { ...transfer.details, withdrawal, ...whyOf(booking.movement) };
  return {
    ...intent,
    key: { ...intent.key, key: `${intent.key.key} withheld` },
    transfer: { ...transfer, details },
  };
}

function whyOf({ returnReason }: Movement): { why?: string } {
  return returnReason === undefined ? {} : { why: returnReason };
}

function bankOf({ transfer }: Intent): NonNullable<Intent['transfer']>['from'] {
  const bank = [transfer?.from, transfer?.to].find((account) => account?.kind === 'clearing');
  if (!bank) throw new Error('a movement has the bank on one side');
  return bank;
}

function aboutIt({ transfer }: Intent): Record<string, string> {
  const { reason, ...about } = transfer?.details ?? {};
  void reason;
  return about;
}
