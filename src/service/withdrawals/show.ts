import type { Output } from '../../core/contract/operations.ts';
import { toWire } from '../../core/money.ts';
import { endOf, isSepa, labelOf } from '../bank-accounts/read-account.ts';
import { describeMasked } from '../identity/describe-masked.ts';
import type { BankAccountRow } from '../store/bank-accounts.ts';
import type { BatchRow } from '../store/withdrawal-batches.ts';
import type { UserRow } from '../store/users.ts';
import type { WithdrawalRow } from '../store/withdrawals.ts';
import { messageIdOf } from './batch.ts';
import { movesOf, type Move } from './moves.ts';
import { endToEndIdOf } from '../ledger/withdrawal-ids.ts';

type Shown = Output<'get-withdrawal'>;
type ShownToStaff = Output<'look-at-withdrawal'>;

/** When the money is at the bank, in words. */
export function arrivalAt(account: { country: string; currency: string; details: string }): string {
  return isSepa(account)
    ? 'within 1 to 2 bank working days after it goes to the bank'
    : 'within 2 to 5 bank working days after it goes to the bank';
}

/** A withdrawal for its holder. */
export function showWithdrawal(row: WithdrawalRow, to: BankAccountRow): Shown {
  return {
    ...fieldsOf(row),
    to: { id: to.id, holderName: to.holderName, country: to.country, ending: endOf(to.details) },
    arrives: arrivalAt(to),
    quote: row.quote,
  };
}

/** A withdrawal for staff: whose account it goes to is told by the end of its number. */
export function showWithdrawalToStaff(row: WithdrawalRow, to: BankAccountRow, holder: UserRow): ShownToStaff {
  return {
    ...fieldsOf(row),
    holder: describeMasked(holder),
    to: labelOf(to),
    ...(row.approval === null ? {} : { approval: row.approval }),
    ...(row.batch === null ? {} : { batch: row.batch }),
    endToEndId: endToEndIdOf(row.id),
  };
}

function fieldsOf(row: WithdrawalRow) {
  const { currency } = row;
  return {
    id: row.id,
    state: row.state as Shown['state'],
    paid: toWire(row.paid, currency),
    fee: toWire(row.fee, currency),
    amount: toWire(row.amount, currency),
    requestedAt: row.requestedAt,
    moves: movesOf(row).map(showMove),
    ...(row.transfer === null ? {} : { transfer: row.transfer }),
    ...(row.returnedBy === null ? {} : { returnedBy: row.returnedBy }),
    ...(row.feeRefund === null ? {} : { feeRefund: row.feeRefund }),
  };
}

/** Who of staff it was is not told. */
function showMove({ state, at, reason }: Move): Shown['moves'][number] {
  return {
    state: state as Shown['state'],
    at,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A batch for staff. */
export function showBatch(row: BatchRow): Output<'batch-withdrawals'>['batches'][number] {
  return {
    id: row.id,
    messageId: messageIdOf(row.id),
    iban: row.iban,
    currency: row.currency,
    payments: Number(row.payments),
    total: toWire(row.total, row.currency),
    version: row.version as Output<'batch-withdrawals'>['batches'][number]['version'],
    executeOn: row.executeOn,
    madeAt: row.madeAt,
    madeBy: row.madeBy,
    fileName: `${row.version}-${row.currency}-${messageIdOf(row.id)}.xml`,
  };
}
