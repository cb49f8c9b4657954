import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { formatMinor, isCurrency } from '../../../core/money.ts';
import {
  RESTRICTED,
  bookingIntent,
  movementsOf,
  withheldIntent,
  type Booking,
  type Movement,
} from '../../deposits/book-entry.ts';
import { findingsOf } from '../../deposits/findings.ts';
import { reconcileAccount } from '../../deposits/reconcile.ts';
import { keepMovement, readMovement } from '../../deposits/kept-movement.ts';
import { matchReturns, returnedIntent } from '../../deposits/suspense-return.ts';
import { atMost, makeSpool, type Spool } from '../../deposits/spool.ts';
import { balanceText, FactsReader } from '../../deposits/statement-facts.ts';
import { whyOverLimit, withinLimits, type Receiver } from '../../deposits/within-limits.ts';
import { timestamp, type Deps } from '../../deps.ts';
import type { Intent, RefusalDraft } from '../../ledger/intent.ts';
import { doneOr } from '../../ledger/outcome.ts';
import { isAboutLimit } from '../../limits/count.ts';
import { readStatementPieces } from '../../rails/read-statement.ts';
import { StatementError } from '../../rails/statement-error.ts';
import type { StatementEnd, StatementEvent, StatementHeader } from '../../rails/statement-events.ts';
import { isAboutRestriction } from '../../restrictions/may.ts';
import { holdersByDepositReferences } from '../../store/levels.ts';
import {
  finishStatement,
  insertStatements,
  keepStatementReport,
  statementsOf,
  type StatementRow,
} from '../../store/statements.ts';
import { matchWithdrawals, noteEarlyReturn, type Matcher } from '../../withdrawals/bank-movement.ts';
import { followWithdrawal } from '../../withdrawals/follow.ts';
import type { UseCase } from '../use-case.ts';

type Report = Output<'import-statement'>['statements'][number];
/** What a movement can count as. */
type Counted = 'credited' | 'withdrawals' | 'suspense' | 'alreadyBooked';

/** A statement that was proved: what is written down of it, and its report while it is being made. */
type Proved = { readonly row: StatementRow; readonly report: Report };

/** How many movements are booked at once; they share a commit. */
const AT_ONCE = 500;
/** The line in the spool that comes before the movements of a statement. */
const NEXT_STATEMENT = '';

/**
 * Books a file of camt.053 statements, once all of it has proved to be sound: what it moves is kept aside until then. Each
 * booked credit whose text carries a holder's deposit reference is credited; every other booked movement goes to suspense
 * with its reason. What an earlier statement already brought is not booked again, so a file whose booking was interrupted is
 * finished by importing it again; until then it shows as begun. How each statement fits to the others of its account is
 * reported and kept, and keeps nothing from being booked.
 * Throws `statement_invalid` with the line and the reason, `body_too_large`, `storage_full`.
 */
export const importStatement: UseCase<'import-statement'> = async (deps, actor, _input, { body }) => {
  const spool = makeSpool();
  try {
    const proved = await prove(deps, actor.user, atMost(bytesOf(body), LIMITS.statementBytes), spool);
    const rows = proved.map(({ row }) => row);
    const reports = proved.map(({ report }) => report);
    await inChunks(rows, (some) => deps.engine.transact((tx) => insertStatements(tx, some)));
    await bookAll(deps, actor.user, proved, spool);
    await addFindings(deps, rows, reports);
    await inChunks(proved, (some) =>
      deps.engine.transact(async (tx) => {
        for (const { row, report } of some) await keepStatementReport(tx, row.id, JSON.stringify(report));
      }),
    );
    return { statements: reports };
  } finally {
    await spool.discard();
  }
};

/** Reads all of the file before anything is booked; what it moves goes to the spool. */
async function prove(
  deps: Deps,
  importedBy: string,
  bytes: AsyncIterable<Uint8Array>,
  spool: Spool,
): Promise<Proved[]> {
  const proved: Proved[] = [];
  let header: StatementHeader | undefined;
  let reader: FactsReader | undefined;
  let notBooked = 0;
  for await (const events of proven(bytes)) {
    for (const event of events) {
      if (event.type === 'statement') {
        header = event;
        reader = new FactsReader(event);
        notBooked = 0;
        spool.keep(NEXT_STATEMENT);
      } else if (event.type === 'entry' && header) {
        reader?.add(event);
        const movements = movementsOf(header, event);
        if (movements.length === 0) notBooked += 1;
        for (const movement of movements) spool.keep(keepMovement(movement));
      } else if (event.type === 'statement-end' && header && reader) {
        const id = deps.newId('statement');
        const row = { ...reader.end(event), id, importedAt: timestamp(deps.now()), importedBy };
        proved.push({ row, report: reportOf(row, header, event, notBooked) });
      }
    }
    await spool.settle();
  }
  return proved;
}

/** Books what the spool has, in its order, and counts it in the reports. */
async function bookAll(
  deps: Deps,
  importedBy: string,
  proved: readonly Proved[],
  spool: Spool,
): Promise<void> {
  let at = -1;
  let waiting: Movement[] = [];
  const bookWaiting = async () => {
    const current = proved[at];
    if (current) await book(deps, importedBy, current, waiting);
    waiting = [];
  };
  const finish = async () => {
    await bookWaiting();
    const id = proved[at]?.row.id;
    if (id !== undefined) await deps.engine.transact((tx) => finishStatement(tx, id, timestamp(deps.now())));
    at += 1;
  };
  for await (const lines of spool.lines()) {
    for (const line of lines) {
      if (line !== NEXT_STATEMENT) waiting.push(readMovement(line));
      if (line === NEXT_STATEMENT) await finish();
      else if (waiting.length === AT_ONCE) await bookWaiting();
    }
  }
  await finish();
}

/** Says of each statement how it fits to the others of its account and to our book, now that all are booked. */
async function addFindings(
  { engine }: Deps,
  rows: readonly StatementRow[],
  reports: readonly Report[],
): Promise<void> {
  const at = new Map(rows.map(({ id }, index) => [id, index]));
  for (const [, [{ account, currency } = { account: '', currency: '' }]] of Map.groupBy(
    rows,
    (row) => `${row.currency} ${row.account}`,
  )) {
    if (!isCurrency(currency)) continue;
    const all = await statementsOf(engine, account, currency);
    const reconciliation = await reconcileAccount(engine, account, currency);
    for (const statement of all) {
      const report = reports[at.get(statement.id) ?? -1];
      report?.findings.push(...findingsOf(statement, all, reconciliation));
    }
  }
}

/** So much at once: a file may have thousands of statements, and a transaction is short. */
async function inChunks<T>(all: readonly T[], work: (some: readonly T[]) => Promise<void>): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) await work(all.slice(at, at + AT_ONCE));
}

/** The caller's bytes; whoever sends none is told so. */
function bytesOf(body: AsyncIterable<Uint8Array> | undefined): AsyncIterable<Uint8Array> {
  if (body) return body;
  throw new Refusal('input_invalid', { field: 'body', reason: 'must be the bytes of a camt.053 file' });
}

/** The events of a file; a file that is not sound becomes a refusal. */
async function* proven(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<readonly StatementEvent[]> {
  try {
    yield* readStatementPieces(bytes);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new Refusal('statement_invalid', { line: String(error.line), reason: error.reason });
  }
}

/** Books movements in their order and counts what became of them; all of them have ended when it returns or throws. */
async function book(
  deps: Deps,
  initiator: string,
  { row, report }: Proved,
  movements: readonly Movement[],
): Promise<void> {
  const named = movements.flatMap(({ references }) => references);
  const holders = await holdersByDepositReferences(deps.engine, named);
  const whose = await withinLimits(
    deps,
    movements.map((movement) => ({ movement, ...holderOf(movement, holders, initiator) })),
  );
  const withdrawals = await matchWithdrawals(deps, row.account, movements);
  const returns = await matchReturns(deps, movements);
  const results = await Promise.allSettled(
    whose.map(async ({ movement, holder, reason }) => {
      const booking = { account: row.account, statement: row.bankId, movement, initiator };
      const ofWithdrawal = withdrawals.intentOf(booking);
      if (ofWithdrawal) {
        const counted = await bookWithdrawal(deps, withdrawals, booking, ofWithdrawal);
        report[counted] += 1;
        return;
      }
      let credited = holder !== undefined;
      const returned = returns.get(movement.identity);
      let outcome = await deps.poster.post(
        returned ? returnedIntent(deps, booking, returned) : bookingIntent(deps, booking, holder, reason),
      );
      const withheld = outcome.state === 'refused' ? whyWithheld(outcome.refusal) : undefined;
      if (withheld !== undefined) {
        // The bank has the money already, so it waits.
        credited = false;
        outcome = await deps.poster.post(withheldIntent(deps, booking, withheld));
      }
      const wasThere = outcome.state === 'refused' && outcome.refusal.code === 'reference_used';
      if (!wasThere) doneOr(outcome);
      if (wasThere || (outcome.state === 'done' && outcome.replayed)) report.alreadyBooked += 1;
      else report[credited ? 'credited' : 'suspense'] += 1;
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  for (const id of withdrawals.touched) await followWithdrawal(deps, id);
}

/** Books a movement that names a withdrawal: to it, or else to suspense. Gives what it counts as. */
async function bookWithdrawal(
  deps: Deps,
  withdrawals: Matcher,
  booking: Booking,
  intent: Intent,
): Promise<Counted> {
  let outcome = await deps.poster.post(intent);
  let counts: Counted = intent.transfer?.kind === 'suspense' ? 'suspense' : 'withdrawals';
  if (outcome.state === 'refused' && outcome.refusal.code !== 'reference_used') {
    counts = 'suspense';
    outcome = await deps.poster.post(withdrawals.insteadOf(booking, outcome));
    if (outcome.state === 'done') await noteEarlyReturn(deps, booking.movement, outcome.id);
  }
  const wasThere = outcome.state === 'refused' && outcome.refusal.code === 'reference_used';
  if (!wasThere) doneOr(outcome);
  return wasThere || (outcome.state === 'done' && outcome.replayed) ? 'alreadyBooked' : counts;
}

/** Why a movement that was refused its holder waits in suspense; undefined when it does not. */
function whyWithheld(refusal: RefusalDraft): string | undefined {
  if (isAboutRestriction(refusal)) return RESTRICTED;
  return isAboutLimit(refusal) ? whyOverLimit(refusal) : undefined;
}

/** Whose a movement is, or why it is nobody's. Nobody credits their own account: somebody else assigns that. */
function holderOf(
  { obstacle, references }: Movement,
  holders: ReadonlyMap<string, Receiver>,
  initiator: string,
): { holder: Receiver | undefined; reason: string } {
  if (obstacle !== undefined) return { holder: undefined, reason: obstacle };
  const found = new Map(
    references.flatMap((reference) => {
      const user = holders.get(reference);
      return user ? [[user.id, user] as const] : [];
    }),
  );
  const [holder] = found.values();
  if (found.size === 1 && holder?.id === initiator)
    return { holder: undefined, reason: 'it is for the account of the member of staff who imported it' };
  if (found.size === 1) return { holder, reason: '' };
  if (found.size > 1)
    return { holder: undefined, reason: 'it carries the deposit references of several holders' };
  return {
    holder: undefined,
    reason:
      references.length > 0
        ? 'no holder has the deposit reference it carries'
        : 'it carries no deposit reference',
  };
}

function reportOf(
  row: StatementRow,
  statement: StatementHeader,
  end: StatementEnd,
  notBooked: number,
): Report {
  const currency = statement.currency ?? end.balances[0]?.amount.currency ?? '';
  const [opening, closing] = [row.opening, row.closing].map((minor) => balanceText(minor, row.currency));
  const sum = (side: 'creditSum' | 'debitSum') => {
    const totals = end.totals.filter((total) => total[side].currency === currency);
    const minor = totals.reduce((all, total) => all + total[side].minor, 0n);
    return isCurrency(currency) ? formatMinor(minor, currency) : '0';
  };
  return {
    id: statement.id,
    statement: row.id,
    account: statement.account.id,
    currency,
    entries: end.entries,
    credits: end.totals.reduce((all, { credits }) => all + credits, 0),
    creditSum: sum('creditSum'),
    debits: end.totals.reduce((all, { debits }) => all + debits, 0),
    debitSum: sum('debitSum'),
    byStatus: countByStatus(end),
    transactionDetails: end.transactions,
    ...(end.proof.isBalanced === undefined ? {} : { balanced: end.proof.isBalanced }),
    ...(end.proof.remark === undefined ? {} : { remark: end.proof.remark }),
    ...(row.firstDay === null || row.lastDay === null
      ? {}
      : { firstDay: row.firstDay, lastDay: row.lastDay }),
    ...(row.sequence === null ? {} : { sequence: String(row.sequence) }),
    ...(opening === undefined ? {} : { opening }),
    ...(closing === undefined ? {} : { closing }),
    findings: [],
    credited: 0,
    withdrawals: 0,
    suspense: 0,
    alreadyBooked: 0,
    notBooked,
  };
}

function countByStatus(end: StatementEnd): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, credits, debits } of end.totals)
    counts[status] = (counts[status] ?? 0) + credits + debits;
  return counts;
}
