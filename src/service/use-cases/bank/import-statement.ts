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
import { makeSpool } from '../../deposits/spool.ts';
import { whyOverLimit, withinLimits } from '../../deposits/within-limits.ts';
import { timestamp, type Deps } from '../../deps.ts';
import type { Intent, RefusalDraft } from '../../ledger/intent.ts';
import { doneOr } from '../../ledger/outcome.ts';
import { isAboutLimit } from '../../limits/count.ts';
import { readStatements } from '../../rails/read-statement.ts';
import { StatementError } from '../../rails/statement-error.ts';
import type { StatementEnd, StatementEvent, StatementHeader } from '../../rails/statement-events.ts';
import { isAboutRestriction } from '../../restrictions/may.ts';
import { insertStatement } from '../../store/statements.ts';
import { usersByDepositReferences } from '../../store/users.ts';
import { matchWithdrawals, noteEarlyReturn, type Matcher } from '../../withdrawals/bank-movement.ts';
import { followWithdrawal } from '../../withdrawals/follow.ts';
import type { UseCase } from '../use-case.ts';

type Report = Output<'import-statement'>['statements'][number];
type Count = Record<'credited' | 'withdrawals' | 'suspense' | 'alreadyBooked' | 'notBooked', number>;

/** How many movements are booked at once; they share commits. */
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
  try {
    for await (const event of proven(spool.incoming)) void event;
    const reports: Report[] = [];
    let statement: StatementHeader | undefined;
    let count = nothingYet();
    let waiting: Movement[] = [];
    for await (const event of proven(spool.again())) {
      if (event.type === 'statement') {
        statement = event;
        count = nothingYet();
      } else if (event.type === 'entry' && statement) {
        const movements = movementsOf(statement, event);
        if (movements.length === 0) count.notBooked += 1;
        for (const movement of movements) {
          waiting.push(movement);
          if (waiting.length < AT_ONCE) continue;
          await book(deps, actor.user, statement, waiting, count);
          waiting = [];
        }
      } else if (event.type === 'statement-end' && statement) {
        await book(deps, actor.user, statement, waiting, count);
        waiting = [];
        const report = reportOf(statement, event, count);
        await remember(deps, actor.user, statement, report);
        reports.push(report);
      }
    }
    return { statements: reports };
  } finally {
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
  const whose = await withinLimits(
    deps,
    movements.map((movement) => ({ movement, ...holderOf(movement, holders, initiator) })),
  );
  const account = statement.account.id.replace(/\s/g, '').toUpperCase();
  const withdrawals = await matchWithdrawals(deps, account, movements);
  const results = await Promise.allSettled(
    whose.map(async ({ movement, holder, reason }) => {
      const booking = { statement, movement, initiator };
      const ofWithdrawal = withdrawals.intentOf(booking);
      if (ofWithdrawal)
        return void (count[await bookWithdrawal(deps, withdrawals, booking, ofWithdrawal)] += 1);
      let credited = holder !== undefined;
      let outcome = await deps.poster.post(bookingIntent(deps, booking, holder, reason));
      const withheld = outcome.state === 'refused' ? whyWithheld(outcome.refusal) : undefined;
      if (withheld !== undefined) {
        // The bank has the money already, so it waits.
        credited = false;
        outcome = await deps.poster.post(withheldIntent(deps, booking, withheld));
      }
      const wasThere = outcome.state === 'refused' && outcome.refusal.code === 'reference_used';
      if (!wasThere) doneOr(outcome);
      if (wasThere || (outcome.state === 'done' && outcome.replayed)) count.alreadyBooked += 1;
      else count[credited ? 'credited' : 'suspense'] += 1;
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
): Promise<keyof Count> {
  let outcome = await deps.poster.post(intent);
  let counts: keyof Count = intent.transfer?.kind === 'suspense' ? 'suspense' : 'withdrawals';
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

function nothingYet(): Count {
  return { credited: 0, withdrawals: 0, suspense: 0, alreadyBooked: 0, notBooked: 0 };
}
