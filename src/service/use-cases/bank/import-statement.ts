import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { formatMinor, isCurrency } from '../../../core/money.ts';
import { bookingIntent, movementsOf, withheldIntent, type Movement } from '../../deposits/book-entry.ts';
import { findingsOf } from '../../deposits/findings.ts';
import { reconcileAccount } from '../../deposits/reconcile.ts';
import { makeSpool } from '../../deposits/spool.ts';
import { balanceText, FactsReader } from '../../deposits/statement-facts.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { doneOr } from '../../ledger/outcome.ts';
import { readStatements } from '../../rails/read-statement.ts';
import { StatementError } from '../../rails/statement-error.ts';
import type { StatementEnd, StatementEvent, StatementHeader } from '../../rails/statement-events.ts';
import { isAboutRestriction } from '../../restrictions/may.ts';
import {
  finishStatement,
  insertStatements,
  keepStatementReport,
  statementsOf,
  type StatementRow,
} from '../../store/statements.ts';
import { usersByDepositReferences } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

type Report = Output<'import-statement'>['statements'][number];
type Count = { credited: number; suspense: number; alreadyBooked: number; notBooked: number };

/** How many movements are booked at once; they share commits. */
const AT_ONCE = 500;

/**
 * Books a file of camt.053 statements, once all of it has proved to be sound: it is read twice, first to prove it, then
 * to book it. Each booked credit whose text carries a holder's deposit reference is credited; every other booked
 * movement goes to suspense with its reason. What an earlier statement already brought is not booked again, so a file
 * whose booking was interrupted is finished by importing it again; until then it shows as begun. How each statement fits to
 * the others of its account is reported and kept, and keeps nothing from being booked.
 * Throws `statement_invalid` with the line and the reason, `body_too_large`, `storage_full`.
 */
export const importStatement: UseCase<'import-statement'> = async (deps, actor, _input, { body }) => {
  const spool = await makeSpool(bytesOf(body), LIMITS.statementBytes);
  try {
    const rows = await prove(deps, actor.user, spool.incoming);
    await inChunks(rows, (some) => deps.engine.transact((tx) => insertStatements(tx, some)));
    const reports = await bookAll(deps, actor.user, rows, spool.again());
    await addFindings(deps, rows, reports);
    await inChunks([...rows.entries()], (some) =>
      deps.engine.transact(async (tx) => {
        for (const [at, { id }] of some) await keepStatementReport(tx, id, JSON.stringify(reports[at]));
      }),
    );
    return { statements: reports };
  } finally {
    await spool.discard();
  }
};

/** Reads all of the file before anything is booked; gives what is to be written down of its statements. */
async function prove(
  deps: Deps,
  importedBy: string,
  bytes: AsyncIterable<Uint8Array>,
): Promise<StatementRow[]> {
  const rows: StatementRow[] = [];
  let reader: FactsReader | undefined;
  for await (const event of proven(bytes)) {
    if (event.type === 'statement') reader = new FactsReader(event);
    else if (event.type === 'entry') reader?.add(event);
    else if (reader)
      rows.push({
        ...reader.end(event),
        id: deps.newId('statement'),
        importedAt: timestamp(deps.now()),
        importedBy,
      });
  }
  return rows;
}

/** Books every statement of the file, in the order of the file. */
async function bookAll(
  deps: Deps,
  importedBy: string,
  rows: readonly StatementRow[],
  bytes: AsyncIterable<Uint8Array>,
): Promise<Report[]> {
  const reports: Report[] = [];
  let statement: StatementHeader | undefined;
  let count = nothingYet();
  let waiting: Movement[] = [];
  for await (const event of proven(bytes)) {
    if (event.type === 'statement') {
      statement = event;
      count = nothingYet();
    } else if (event.type === 'entry' && statement) {
      const movements = movementsOf(statement, event);
      if (movements.length === 0) count.notBooked += 1;
      for (const movement of movements) {
        waiting.push(movement);
        if (waiting.length < AT_ONCE) continue;
        await book(deps, importedBy, statement, waiting, count);
        waiting = [];
      }
    } else if (event.type === 'statement-end' && statement) {
      await book(deps, importedBy, statement, waiting, count);
      waiting = [];
      const row = rows[reports.length];
      if (!row) throw new Error('the file has more statements than when it was proved');
      await deps.engine.transact((tx) => finishStatement(tx, row.id, timestamp(deps.now())));
      reports.push(reportOf(row, statement, event, count));
    }
  }
  return reports;
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
async function* proven(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<StatementEvent> {
  try {
    yield* readStatements(bytes);
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new Refusal('statement_invalid', { line: String(error.line), reason: error.reason });
  }
}

/** Books movements in their order and counts what became of them; all of them have ended when it returns or throws. */
async function book(
  deps: Deps,
  initiator: string,
  statement: StatementHeader,
  movements: readonly Movement[],
  count: Count,
): Promise<void> {
  const named = movements.flatMap(({ references }) => references);
  const holders = await usersByDepositReferences(deps.engine, named);
  const results = await Promise.allSettled(
    movements.map(async (movement) => {
      const { holder, reason } = holderOf(movement, holders, initiator);
      const booking = { statement, movement, initiator };
      let credited = holder !== undefined;
      let outcome = await deps.poster.post(bookingIntent(deps, booking, holder, reason));
      if (outcome.state === 'refused' && isAboutRestriction(outcome.refusal)) {
        // The bank has the money already, so it waits.
        credited = false;
        outcome = await deps.poster.post(withheldIntent(deps, booking));
      }
      const wasThere = outcome.state === 'refused' && outcome.refusal.code === 'reference_used';
      if (!wasThere) doneOr(outcome);
      if (wasThere || (outcome.state === 'done' && outcome.replayed)) count.alreadyBooked += 1;
      else count[credited ? 'credited' : 'suspense'] += 1;
    }),
  );
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

/** Whose a movement is, or why it is nobody's. Nobody credits their own account: somebody else assigns that. */
function holderOf(
  { obstacle, references }: Movement,
  holders: ReadonlyMap<string, { readonly id: string }>,
  initiator: string,
): { holder: { readonly id: string } | undefined; reason: string } {
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

function reportOf(row: StatementRow, statement: StatementHeader, end: StatementEnd, count: Count): Report {
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
    ...count,
  };
}

function countByStatus(end: StatementEnd): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, credits, debits } of end.totals)
    counts[status] = (counts[status] ?? 0) + credits + debits;
  return counts;
}

function nothingYet(): Count {
  return { credited: 0, suspense: 0, alreadyBooked: 0, notBooked: 0 };
}
