import { ID_PREFIXES } from '../../core/contract/ids.ts';
import type { Output } from '../../core/contract/operations.ts';
import { LIMITS } from '../../core/contract/schemas.ts';
import { formatMinor, isCurrency } from '../../core/money.ts';
import {
  auditedTransferPages,
  doneKeys,
  entriesByAccount,
  guardPages,
  holdPages,
  idsOfSeveralKeys,
  keysWithoutTransfer,
  pendingHolds,
  transfersWithoutKey,
  type AuditedTransfer,
} from '../store/audit.ts';
import type { Reader } from '../store/engine/engine.ts';
import { accountPages, type JournalAccount, type JournalEntry } from '../store/journal.ts';
import { ByAccount } from './audit/by-account.ts';
import { Chain, explainChain } from './audit/chain.ts';
import { Findings, say } from './audit/findings.ts';
import { Restrictions } from './audit/restrictions.ts';
import { Reversals } from './audit/reversals.ts';
import { Tally } from './audit/tally.ts';
import { auditWithdrawals } from './audit/withdrawals.ts';
import { quoteGuard, suspenseGuard } from './guards.ts';

/** Ids of transfers, and of intents that only let go of holds. An intent that only makes a hold has the hold's id. */
const TRANSFER_ID = `${ID_PREFIXES.transfer}_`;
/** Guards that are 1 once they are used. */
const ONCE = [quoteGuard(''), suspenseGuard('')];

/**
 * Derives the whole book again from its entries and compares it with what is stored, in flat memory. `db` must be a
 * snapshot. What it proves is listed in docs/operating.md; every finding is a sentence that names its row.
 */
export async function auditLedger(db: Reader): Promise<Output<'verify-ledger'>> {
  const findings = new Findings();
  const moved = await auditTransfers(db, findings);
  const stands = await auditAccounts(db, findings);
  await auditHolds(db, findings, moved.ids);
  await auditGuards(db, findings, moved.reversals);
  await auditKeys(db, findings, moved.ids);
  await auditWithdrawals(db, findings);
  return {
    sound: findings.count === 0,
    transfers: moved.transfers,
    entries: moved.entries,
    accounts: stands.accounts,
    holds: stands.holds,
    currencies: [...stands.sums]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([currency, sum]) => ({
        currency,
        sum: isCurrency(currency) ? formatMinor(sum, currency) : String(sum),
      })),
    findings: findings.list(),
  };
}

/** Every transfer: its entries sum to zero, they move what it says, and its quote was used by it alone. */
async function auditTransfers(
  db: Reader,
  findings: Findings,
): Promise<{ transfers: number; entries: number; ids: Tally; reversals: Reversals }> {
  const ids = new Tally();
  const reversals = new Reversals();
  let [transfers, entries] = [0, 0];
  for await (const page of auditedTransferPages(db, quoteGuard(''))) {
    const linesOf = Map.groupBy(page.entries, ({ transfer }) => transfer);
    for (const transfer of page.transfers) {
      auditTransfer(transfer, linesOf.get(transfer.id) ?? [], findings);
      linesOf.delete(transfer.id);
      ids.add(transfer.id);
      if (transfer.kind === 'reversal') reversals.add(transfer.reversal, transfer.received);
    }
    for (const [id, lines] of linesOf)
      findings.add(`There are ${lines.length} entries of transfer ${id}, which does not exist.`);
    transfers += page.transfers.length;
    entries += page.entries.length;
  }
  return { transfers, entries, ids, reversals };
}

function auditTransfer(t: AuditedTransfer, lines: readonly JournalEntry[], findings: Findings): void {
  if (lines.length < 2)
    findings.add(`Transfer ${t.id} has ${lines.length} entries; a transfer has two or more.`);
  const sums = new Map<string | null, bigint>();
  let [left, fees, arrived] = [0n, 0n, 0n];
  for (const line of lines) {
    if (line.accountName === null)
      findings.add(
        `Entry ${line.line} of transfer ${t.id} is in account ${line.account}, which does not exist.`,
      );
    sums.set(line.currency, (sums.get(line.currency) ?? 0n) + line.amount);
    if (line.account === t.fromAccount) left -= line.amount;
    else if (line.account === t.toAccount) arrived += line.amount;
    else if (line.accountKind === 'fees') fees += line.amount;
  }
  for (const [currency, sum] of sums)
    if (sum !== 0n)
      findings.add(`The entries of transfer ${t.id} sum to ${say(sum, currency)}, not to zero.`);
  const [one = null] = sums.size === 1 ? sums.keys() : [];
  const currencyOf = (account: bigint) => lines.find((line) => line.account === account)?.currency ?? one;
  const compare = (what: string, said: bigint, moved: bigint, account: bigint) => {
    if (said !== moved)
      findings.add(
        `Transfer ${t.id} says that ${say(said, currencyOf(account))} ${what}; its entries say ${say(moved, currencyOf(account))}.`,
      );
  };
  // What an account pays to itself shows in its entries only as the difference.
  if (t.fromAccount === t.toAccount) compare('was paid away', t.paid - t.received, left, t.fromAccount);
  else {
    compare('was paid', t.paid, left, t.fromAccount);
    compare('was received', t.received, arrived, t.toAccount);
  }
  compare('was charged', t.fee, fees, t.fromAccount);
  if (t.quotedPaid !== null && !isAsQuoted(t, currencyOf(t.fromAccount), currencyOf(t.toAccount))) {
    const [paid, fee] = [t.quotedPaid, t.quotedFee ?? 0n].map((minor) => say(minor, t.quotedCurrency));
    const received = say(t.quotedReceived ?? 0n, t.quotedReceiveCurrency);
    findings.add(
      `Transfer ${t.id} is not what quote ${t.quote} said: ${paid} paid, ${fee} charged, ${received} received.`,
    );
  }
  if (t.quote !== null && t.quoteUsedBy !== t.id)
    findings.add(
      `Transfer ${t.id} used quote ${t.quote}, but its guard ${t.quoteUsedBy === null ? 'does not exist' : `says ${t.quoteUsedBy}`}.`,
    );
}

/** Whether figures and currencies are exactly those that the payer agreed to. */
function isAsQuoted(t: AuditedTransfer, paidIn: string | null, receivedIn: string | null): boolean {
  const { paid, fee, received } = t;
  return (
    paid === t.quotedPaid &&
    fee === t.quotedFee &&
    received === t.quotedReceived &&
    paidIn === t.quotedCurrency &&
    receivedIn === t.quotedReceiveCurrency
  );
}

/** Every account: its chain of entries leads to its balance, its holds are what it holds, its floor is kept. */
async function auditAccounts(
  db: Reader,
  findings: Findings,
): Promise<{ accounts: number; holds: number; sums: Map<string, bigint> }> {
  const sums = new Map<string, bigint>();
  let [accounts, holds] = [0, 0];
  // An entry in an account that does not exist was found with its transfer.
  const entries = new ByAccount(entriesByAccount(db), () => undefined);
  const pending = new ByAccount(pendingHolds(db), ({ id, account }) =>
    findings.add(`Hold ${id} is in account ${account}, which does not exist.`),
  );
  for await (const page of accountPages(db)) {
    for (const account of page) {
      const chain = new Chain();
      for await (const rows of entries.of(account.id)) for (const entry of rows) chain.add(entry);
      if (!chain.holds(account)) await explainChain(db, account, findings);
      let held = 0n;
      for await (const rows of pending.of(account.id)) {
        for (const hold of rows) held += hold.amount;
        holds += rows.length;
      }
      auditAccount(account, held, findings);
      sums.set(account.currency, (sums.get(account.currency) ?? 0n) + account.balance);
    }
    accounts += page.length;
  }
  await pending.end();
  for (const [currency, sum] of sums)
    if (sum !== 0n) findings.add(`All balances in ${currency} sum to ${say(sum, currency)}, not to zero.`);
  return { accounts, holds, sums };
}

function auditAccount(account: JournalAccount, held: bigint, findings: Findings): void {
  const { name, currency, balance, floor } = account;
  if (!isCurrency(currency)) findings.add(`${name} is in “${String(currency)}”, which is no currency.`);
  if (held !== account.held)
    findings.add(
      `${name} says that ${say(account.held, currency)} is held; its pending holds say ${say(held, currency)}.`,
    );
  const available = balance - account.held;
  if (floor !== null && available < floor)
    findings.add(
      `${name} has ${say(available, currency)} available, below its floor of ${say(floor, currency)}.`,
    );
  if (account.kind === 'holder' && floor === null)
    findings.add(`${name} belongs to a holder and has no floor.`);
}

/**
 * Every hold that was posted names the transfer that took it; a pending one names nothing; from its expiry on it could
 * only expire, and not before. The intents that let go of a hold without a transfer are added to `ids`.
 */
async function auditHolds(db: Reader, findings: Findings, ids: Tally): Promise<void> {
  for await (const page of holdPages(db)) {
    for (const hold of page) {
      if (hold.state === 'posted' && hold.transfer === null)
        findings.add(`Hold ${hold.id} was posted by ${hold.resolvedBy ?? 'nothing'}, which is no transfer.`);
      if (hold.state !== 'posted' && hold.transfer === null && hold.resolvedBy?.startsWith(TRANSFER_ID))
        ids.add(hold.resolvedBy);
      if ((hold.state === 'pending') !== (hold.resolvedBy === null))
        findings.add(`Hold ${hold.id} is ${hold.state} and was resolved by ${hold.resolvedBy ?? 'nothing'}.`);
      const { state, expiresAt, resolvedAt } = hold;
      const wasOver = expiresAt !== null && resolvedAt !== null && resolvedAt >= expiresAt;
      if (state !== 'pending' && wasOver !== (state === 'expired'))
        findings.add(
          `Hold ${hold.id} was ${state} at ${resolvedAt}, and its time ${expiresAt === null ? 'never ends' : `ended at ${expiresAt}`}.`,
        );
    }
  }
}

/**
 * Every guard that is used once was used once, by a transfer that exists; a quote's guard by the transfer that names it.
 * What was moved back, and what accounts are kept from, is what the guards counted.
 */
async function auditGuards(db: Reader, findings: Findings, reversals: Reversals): Promise<void> {
  const restrictions = new Restrictions();
  await restrictions.read(db);
  for await (const page of guardPages(db)) {
    for (const guard of page) {
      restrictions.check(guard, findings);
      await reversals.check(db, guard, findings);
      const prefix = ONCE.find((each) => guard.name.startsWith(each));
      if (prefix === undefined) continue;
      if (guard.value !== 1n) findings.add(`Guard ${guard.name} is ${guard.value}, and can only be 1.`);
      // A quote that puts money on hold is used by that.
      if (prefix === quoteGuard('') && guard.hold !== null) continue;
      if (guard.transfer === null)
        findings.add(`Guard ${guard.name} was used by ${guard.changedBy}, which is no transfer.`);
      else if (prefix === quoteGuard('') && guard.name !== quoteGuard(guard.quote ?? ''))
        findings.add(
          `Guard ${guard.name} was used by transfer ${guard.transfer}, which used ${guard.quote === null ? 'no quote' : `quote ${guard.quote}`}.`,
        );
    }
  }
  reversals.end(findings);
  restrictions.end(findings);
  await restrictions.checkAccounts(db, findings);
}

/**
 * Every transfer was asked for under one key, and every key that was done under a transfer's id has its transfer, or a
 * hold that it let go of. `ids` are those of the transfers and of such intents.
 */
async function auditKeys(db: Reader, findings: Findings, ids: Tally): Promise<void> {
  const keys = new Tally();
  for await (const page of doneKeys(db))
    for (const { id } of page) if (id.startsWith(TRANSFER_ID)) keys.add(id);
  if (keys.equals(ids)) return;
  // Also when one intent let go of several holds: then nothing is found.
  for (const { id } of await transfersWithoutKey(db, LIMITS.findings))
    findings.add(`Transfer ${id} has no idempotency row.`);
  for (const { key, owner, id } of await keysWithoutTransfer(db, TRANSFER_ID, LIMITS.findings))
    findings.add(`Key ${key} of ${owner} was done as transfer ${id}, which does not exist.`);
  for (const { id, count } of await idsOfSeveralKeys(db, LIMITS.findings))
    findings.add(`Transfer ${id} has ${count} idempotency rows; it can have one.`);
}
