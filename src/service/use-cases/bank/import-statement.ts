import { Refusal } from '../../../core/contract/refusals.ts';
import { LIMITS } from '../../../core/contract/schemas.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { formatMinor, isCurrency } from '../../../core/money.ts';
import { bookingIntent, movementsOf, type Movement } from '../../deposits/book-entry.ts';
import { makeSpool } from '../../deposits/spool.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { doneOr } from '../../ledger/outcome.ts';
import { readStatements } from '../../rails/read-statement.ts';
import { StatementError } from '../../rails/statement-error.ts';
import type { StatementEnd, StatementEvent, StatementHeader } from '../../rails/statement-events.ts';
import { insertStatement } from '../../store/statements.ts';
import { userByDepositReference } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

type Report = Output<'import-statement'>['statements'][number];
type Count = { credited: number; suspense: number; alreadyBooked: number; notBooked: number };

/** How many movements are posted at once; they share commits. */
const AT_ONCE = 500;

/**
 * Books a file of camt.053 statements, once all of it has proved to be sound: it is read twice, first to prove it, then
 * to book it. Each booked credit whose text carries a holder's deposit reference is credited; every other booked
 * movement goes to suspense with its reason. What an earlier statement already brought is not booked again, so a file
 * whose booking was interrupted is finished by importing it again.
 * Throws `statement_invalid` with the line and the reason, `body_too_large`, `storage_full`.
 */
export const importStatement: UseCase<'import-statement'> = async (deps, actor, _input, { body }) => {
  const spool = await makeSpool(bytesOf(body), LIMITS.statementBytes);
  let waiting: Promise<void>[] = [];
  try {
    for await (const event of proven(spool.incoming)) void event;
    const reports: Report[] = [];
    let statement: StatementHeader | undefined;
    let count = nothingYet();
    for await (const event of proven(spool.again())) {
      if (event.type === 'statement') {
        statement = event;
        count = nothingYet();
      } else if (event.type === 'entry' && statement) {
        const movements = movementsOf(statement, event);
        if (movements.length === 0) count.notBooked += 1;
        for (const movement of movements) {
          const booking = book(deps, actor.user, statement, movement, count);
          booking.catch(() => undefined); // It is waited for below; until then a failure must not end the process.
          waiting.push(booking);
          if (waiting.length >= AT_ONCE) waiting = await settled(waiting);
        }
      } else if (event.type === 'statement-end' && statement) {
        waiting = await settled(waiting);
        const report = reportOf(statement, event, count);
        await remember(deps, actor.user, statement, report);
        reports.push(report);
      }
    }
    return { statements: reports };
  } finally {
    // Nothing may still be booking when the answer goes out.
    await Promise.allSettled(waiting);
    await spool.discard();
  }
};

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

async function book(
  deps: Deps,
  initiator: string,
  statement: StatementHeader,
  movement: Movement,
  count: Count,
): Promise<void> {
  const { holder, reason } = await holderOf(deps, movement);
  const outcome = await deps.poster.post(
    bookingIntent(deps, { statement, movement, initiator }, holder, reason),
  );
  const wasThere = outcome.state === 'refused' && outcome.refusal.code === 'reference_used';
  if (!wasThere) doneOr(outcome);
  if (wasThere || (outcome.state === 'done' && outcome.replayed)) count.alreadyBooked += 1;
  else count[holder ? 'credited' : 'suspense'] += 1;
}

async function holderOf({ engine }: Deps, movement: Movement) {
  if (movement.obstacle !== undefined) return { holder: undefined, reason: movement.obstacle };
  const { references } = movement;
  const found = await Promise.all(references.map((reference) => userByDepositReference(engine, reference)));
  const holders = new Map(found.flatMap((user) => (user ? [[user.id, user] as const] : [])));
  const [holder] = holders.values();
  if (holders.size === 1) return { holder, reason: '' };
  if (holders.size > 1)
    return { holder: undefined, reason: 'it carries the deposit references of several holders' };
  return {
    holder: undefined,
    reason:
      references.length > 0
        ? 'no holder has the deposit reference it carries'
        : 'it carries no deposit reference',
  };
}

function reportOf(statement: StatementHeader, end: StatementEnd, count: Count): Report {
  const currency = statement.currency ?? end.balances[0]?.amount.currency ?? '';
  const sum = (side: 'creditSum' | 'debitSum') => {
    const totals = end.totals.filter((total) => total[side].currency === currency);
    const minor = totals.reduce((all, total) => all + total[side].minor, 0n);
    return isCurrency(currency) ? formatMinor(minor, currency) : '0';
  };
  return {
    id: statement.id,
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
    ...count,
  };
}

function countByStatus(end: StatementEnd): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, credits, debits } of end.totals)
    counts[status] = (counts[status] ?? 0) + credits + debits;
  return counts;
}

async function remember(
  deps: Deps,
  importedBy: string,
  statement: StatementHeader,
  report: Report,
): Promise<void> {
  await deps.engine.transact((tx) =>
    insertStatement(tx, {
      id: deps.newId('statement'),
      account: statement.account.id,
      bankId: statement.id,
      importedAt: timestamp(deps.now()),
      importedBy,
      report: JSON.stringify(report),
    }),
  );
}

/** Waits for all of them, also when one fails. */
async function settled(waiting: Promise<void>[]): Promise<Promise<void>[]> {
  const results = await Promise.allSettled(waiting);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return [];
}

function nothingYet(): Count {
  return { credited: 0, suspense: 0, alreadyBooked: 0, notBooked: 0 };
}
