import type { Output } from '../../core/contract/operations.ts';
import { LIMITS } from '../../core/contract/schemas.ts';
import type { Deps } from '../deps.ts';
import type { PaymentReport, ReportedPayment, ReportedStatus } from '../rails/read-report.ts';
import { batchById } from '../store/withdrawal-batches.ts';
import { updateWithdrawal, withdrawalsOfBatch, type WithdrawalRow } from '../store/withdrawals.ts';
import { followWithdrawal } from './follow.ts';
import { change, move } from './move.ts';
import { stateAfter, type Ending, type WithdrawalEvent } from './moves.ts';
import { endToEndIdOf } from '../ledger/withdrawal-ids.ts';

type Report = Output<'import-report'>;

/** What the codes of ISO 20022 ExternalPaymentTransactionStatus1Code come to for us; others say nothing yet. */
const EVENTS: Readonly<Record<string, WithdrawalEvent>> = {
  ACTC: 'accept',
  ACCP: 'accept',
  ACSP: 'accept',
  ACSC: 'accept',
  ACWC: 'accept',
  ACWP: 'accept',
  ACCC: 'accept',
  ACFC: 'accept',
  RJCT: 'fail',
  CANC: 'fail',
};

/**
 * Reasons of ISO 20022 ExternalStatusReason1Code by which a bank refuses what it has already: a file that it was given twice.
 * They say nothing of what became of the first one, which it may well pay.
 */
const HAS_IT_ALREADY = ['AM05', 'DU01', 'DU02', 'DU03', 'DU04', 'DU05'];

/** Statuses of the parts that say something of each payment in them that is not spoken of by itself. */
const OF_ALL = ['RJCT', 'CANC', 'ACTC', 'ACCP', 'ACSP', 'ACSC', 'ACWC', 'ACWP', 'ACCC', 'ACFC'];

/**
 * Takes what a bank says of one of our files: payments it takes are sent, those it refuses have failed, and their money is
 * the holder's again. What it says of payments by themselves goes before what it says of their group, and that before the
 * file; where a part is only accepted in part, nothing is concluded for payments that it does not speak of. What is not
 * ours, does not fit, or comes too late changes nothing: once a payment has ended, no report gives anything back. Nor does
 * one that refuses what the bank has already.
 */
export async function takeReport(deps: Deps, report: PaymentReport, by: string): Promise<Report> {
  const batch = await batchById(deps.engine, `bat_${report.originalMessageId.toLowerCase()}`);
  const rows = batch?.state === 'closed' ? await withdrawalsOfBatch(deps.engine, batch.id) : [];
  const told = new Tellings(rows, report);
  const count = { sent: 0, failed: 0, unchanged: 0 };
  for (const { row, said } of told.all()) {
    const event = EVENTS[said.status ?? ''];
    if (event === undefined) count.unchanged += 1;
    else count[await act(deps, row, event, said, by)] += 1;
  }
  return {
    messageId: report.messageId,
    ...(batch?.state === 'closed' ? { batch: batch.id } : {}),
    ...count,
    unknown: told.unknown.slice(0, LIMITS.findings),
    unknownCount: told.unknown.length,
  };
}

async function act(
  deps: Deps,
  found: WithdrawalRow,
  event: WithdrawalEvent,
  said: ReportedStatus,
  by: string,
): Promise<'sent' | 'failed' | 'unchanged'> {
  const reason = said.reasons.length === 0 ? undefined : `The bank says: ${said.reasons.join(', ')}.`;
  const changed = await change(deps, found, async (tx, row) => {
    if (row.ending !== null || stateAfter(row.state, event) === undefined) return undefined;
    if (event === 'accept') return move(tx, deps, row, { event, by, reason });
    // The money has not been let go of yet: that is what following it does, or says that it is too late.
    const ending: Ending = { event: 'fail', by, reason };
    const next = { ...row, ending: JSON.stringify(ending), dueAt: row.dueAt ?? row.requestedAt };
    await updateWithdrawal(tx, next);
    return next;
  });
  if (!changed) return 'unchanged';
  if (event === 'accept') return 'sent';
  const ended = await followWithdrawal(deps, found.id);
  return ended?.state === 'failed' ? 'failed' : 'unchanged';
}

/** Why nothing is done about what a bank refuses because it has it, as a clause. */
const TWICE = 'the bank says that it has this already, so what counts is what it says of the first one';

function isAboutAnother({ status, reasons }: ReportedStatus): boolean {
  return EVENTS[status ?? ''] === 'fail' && reasons.some((reason) => HAS_IT_ALREADY.includes(reason));
}

/** What a report says of which of our payments. */
class Tellings {
  readonly unknown: Report['unknown'] = [];
  readonly #said = new Map<string, ReportedStatus>();
  readonly #rows: readonly WithdrawalRow[];
  readonly #whole: ReportedStatus | undefined;

  constructor(rows: readonly WithdrawalRow[], report: PaymentReport) {
    this.#rows = rows;
    const ours = new Map(rows.map((row) => [endToEndIdOf(row.id), row]));
    for (const group of report.groups)
      for (const payment of group.payments) this.#hear(ours, payment, group, report);
    // A group is known by its name only to who wrote it; where there is but one, it is the file.
    const [only] = report.groups;
    const parts = [report.groups.length === 1 ? only : undefined, report];
    this.#whole = parts.find((part) => part?.status !== undefined && OF_ALL.includes(part.status));
    if (parts.some((part) => part?.status === 'PART')) this.#whole = undefined;
    if (this.#whole && rows.length > 0 && isAboutAnother(this.#whole)) {
      this.#whole = undefined;
      this.#add(0, report.originalMessageId, TWICE);
    }
    if (rows.length === 0 && this.unknown.length === 0)
      this.#add(0, report.originalMessageId, 'this file is not one of ours');
  }

  /** Each payment that something is said of. */
  *all(): Generator<{ row: WithdrawalRow; said: ReportedStatus }> {
    for (const row of this.#rows) {
      const said = this.#said.get(row.id) ?? this.#whole;
      if (said) yield { row, said };
    }
  }

  #hear(
    ours: ReadonlyMap<string, WithdrawalRow>,
    payment: ReportedPayment,
    group: ReportedStatus,
    file: ReportedStatus,
  ): void {
    const { line, endToEndId = '', amount } = payment;
    const row = ours.get(endToEndId.toUpperCase());
    if (!row) return this.#add(line, endToEndId, 'this is no payment of a file of ours');
    if (amount && (amount.minor !== row.amount || amount.currency !== row.currency))
      return this.#add(line, endToEndId, 'the amount is another one than we ordered');
    if (this.#said.has(row.id)) return this.#add(line, endToEndId, 'the file speaks of this payment twice');
    const status = payment.status ?? (group.status === 'PART' ? undefined : group.status);
    const reasons = payment.reasons.length > 0 ? payment.reasons : group.reasons;
    const isTwice = isAboutAnother({ status, reasons: reasons.length > 0 ? reasons : file.reasons });
    if (isTwice) this.#add(line, endToEndId, TWICE);
    this.#said.set(row.id, { status: isTwice ? undefined : status, reasons });
  }

  #add(line: number, endToEndId: string, reason: string): void {
    this.unknown.push({ line, endToEndId, reason });
  }
}
