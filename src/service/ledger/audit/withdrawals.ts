import type { Reader } from '../../store/engine/engine.ts';
import { auditedWithdrawals, type AuditedWithdrawal } from '../../store/audit.ts';
import { say, type Findings } from './findings.ts';

/** What must have become of the hold of a withdrawal in a state. */
const HOLD_OF: Readonly<Record<string, string>> = {
  requested: 'pending',
  approved: 'pending',
  batched: 'pending',
  sent: 'pending',
  settled: 'posted',
  returned: 'posted',
  cancelled: 'voided',
  rejected: 'voided',
  failed: 'voided',
};

/**
 * Every withdrawal says what the book says: its money is on hold, was taken by the transfer it names with the figures that
 * were agreed to, or is free again. Those that a job has still to look at may be behind.
 */
export async function auditWithdrawals(db: Reader, findings: Findings): Promise<void> {
  for await (const page of auditedWithdrawals(db)) for (const row of page) check(row, findings);
}

function check(row: AuditedWithdrawal, findings: Findings): void {
  const { id, state, currency, paid, fee, amount } = row;
  if (paid !== fee + amount) findings.add(`Withdrawal ${id} does not add up: ${say(paid, currency)} paid.`);
  if (state === 'begun' || row.dueAt !== null) return;
  if (row.holdAmount !== paid)
    findings.add(
      `Withdrawal ${id} is of ${say(paid, currency)}; its hold is of ${row.holdAmount === null ? 'nothing' : say(row.holdAmount, currency)}.`,
    );
  if (row.holdState !== HOLD_OF[state])
    findings.add(`Withdrawal ${id} is ${state}, and its hold is ${row.holdState ?? 'not there'}.`);
  if (row.holdState !== 'posted') return;
  if (row.transfer !== row.takenBy)
    findings.add(`Withdrawal ${id} says that ${row.transfer} paid it; its hold says ${row.takenBy}.`);
  if (row.movedPaid !== paid || row.movedFee !== fee || row.movedReceived !== amount)
    findings.add(`Withdrawal ${id} was paid by ${row.takenBy} with other figures than were agreed to.`);
}
