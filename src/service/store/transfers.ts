import type { Currency } from '../../core/money.ts';
import type { Reader, Value } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** A transfer without its accounts. Amounts in minor units; `details` is JSON. */
export type TransferRow = {
  id: string;
  kind: string;
  at: string;
  initiator: string;
  paid: bigint;
  fee: bigint;
  received: bigint;
  quote: string | null;
  note: string | null;
  details: string | null;
};

/** A transfer as people see it: with both accounts and, where they are holders', who owns them. */
export type TransferView = TransferRow & {
  fromAccount: bigint;
  fromKind: string;
  fromName: string;
  fromCurrency: Currency;
  fromOwner: string | null;
  fromOwnerName: string | null;
  fromOwnerEmail: string | null;
  toAccount: bigint;
  toKind: string;
  toName: string;
  toCurrency: Currency;
  toOwner: string | null;
  toOwnerName: string | null;
  toOwnerEmail: string | null;
};

const COLUMNS = `t.id, t.kind, t.at, t.initiator, t.paid, t.fee, t.received, t.quote, t.note, t.details,
  a.id AS "fromAccount", a.kind AS "fromKind", a.name AS "fromName", a.currency AS "fromCurrency",
  a.owner AS "fromOwner", ua.display_name AS "fromOwnerName", ua.email AS "fromOwnerEmail",
  b.id AS "toAccount", b.kind AS "toKind", b.name AS "toName", b.currency AS "toCurrency",
  b.owner AS "toOwner", ub.display_name AS "toOwnerName", ub.email AS "toOwnerEmail"`;

const JOINS = `JOIN accounts a ON a.id = t.from_account LEFT JOIN users ua ON ua.id = a.owner
  JOIN accounts b ON b.id = t.to_account LEFT JOIN users ub ON ub.id = b.owner`;

export function transferById(db: Reader, id: string): Promise<TransferView | undefined> {
  return db.one<TransferView>(`SELECT ${COLUMNS} FROM transfers t ${JOINS} WHERE t.id = ?`, [id]);
}

/** Transfers with the balance that the account they were paid from had right after each, in no order. */
export function paymentsByIds(
  db: Reader,
  ids: readonly string[],
): Promise<(TransferView & { after: bigint })[]> {
  return allOf(
    db,
    ids,
    (places) => `SELECT ${COLUMNS}, e.balance_after AS after FROM transfers t ${JOINS}
      JOIN entries e ON e.transfer = t.id AND e.account = t.from_account AND e.line =
        (SELECT MAX(line) FROM entries l WHERE l.transfer = t.id AND l.account = t.from_account)
      WHERE t.id IN (${places})`,
  );
}

/** The balance an account had right after a transfer. */
export async function balanceAfter(
  db: Reader,
  account: bigint,
  transfer: string,
): Promise<bigint | undefined> {
  const row = await db.one<{ after: bigint }>(
    'SELECT balance_after AS after FROM entries WHERE account = ? AND transfer = ? ORDER BY line DESC LIMIT 1',
    [account, transfer],
  );
  return row?.after;
}

/** What a page of history is narrowed to. Times are inclusive from `since` and exclusive to `until`. */
export type HistoryFilter = {
  readonly before?: string | undefined;
  /** Only transfers from this id on: how far back is looked at all, where `since` alone would look at everything. */
  readonly from?: string | undefined;
  readonly direction?: 'in' | 'out' | undefined;
  readonly kind?: string | undefined;
  readonly withAccounts?: readonly bigint[] | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
};

/** One account's transfers, newest first, with the balance after each. */
export function transfersOfAccount(
  db: Reader,
  account: bigint,
  filter: HistoryFilter,
  limit: number,
): Promise<(TransferView & { amount: bigint; after: bigint })[]> {
  const where = ['e.account = ?'];
  const values: Value[] = [account];
  const narrow = (condition: string, ...more: Value[]) => {
    where.push(condition);
    values.push(...more);
  };
  if (filter.before !== undefined) narrow('e.transfer < ?', filter.before);
  if (filter.from !== undefined) narrow('e.transfer >= ?', filter.from);
  if (filter.direction !== undefined) narrow(filter.direction === 'in' ? 'e.amount > 0' : 'e.amount < 0');
  if (filter.kind !== undefined) narrow('t.kind = ?', filter.kind);
  if (filter.since !== undefined) narrow('t.at >= ?', filter.since);
  if (filter.until !== undefined) narrow('t.at < ?', filter.until);
  if (filter.withAccounts !== undefined) {
    const places = filter.withAccounts.map(() => '?').join(', ') || 'NULL';
    narrow(
      `(t.from_account IN (${places}) OR t.to_account IN (${places}))`,
      ...filter.withAccounts,
      ...filter.withAccounts,
    );
  }
  return db.all(
    `SELECT ${COLUMNS}, e.amount, e.balance_after AS after FROM entries e JOIN transfers t ON t.id = e.transfer ${JOINS}
      WHERE ${where.join(' AND ')} ORDER BY e.transfer DESC LIMIT ?`,
    [...values, limit],
  );
}

type SuspenseState = 'open' | 'assigned' | 'returning' | 'returned';

/** It went from suspense to the bank; what brings a withdrawal back to its holder is called a return as well. */
const WENT_BACK = "went.kind = 'clearing'";

const SUSPENSE_STATES: Readonly<Record<SuspenseState, string>> = {
  open: 'g.name IS NULL AND c.name IS NULL',
  assigned: `g.name IS NOT NULL AND NOT (${WENT_BACK})`,
  returning: 'g.name IS NULL AND c.name IS NOT NULL',
  returned: WENT_BACK,
};

/**
 * What was booked to suspense, newest first: credits (to the suspense account) and debits (from it). `assignedBy` is
 * the transfer that gave a credit to a holder, or with which the bank returned it; `claimed` that one of both was decided.
 */
export function suspenseItems(
  db: Reader,
  page: {
    readonly state?: SuspenseState | undefined;
    readonly before?: string | undefined;
    readonly limit: number;
  },
): Promise<(TransferView & { assignedBy: string | null; endedIn: string | null; claimed: bigint | null })[]> {
  const state = page.state === undefined ? '' : `AND ${SUSPENSE_STATES[page.state]}`;
  return db.all(
    `SELECT ${COLUMNS}, g.changed_by AS "assignedBy", went.kind AS "endedIn", c.value AS claimed FROM accounts s JOIN entries e ON e.account = s.id
      JOIN transfers t ON t.id = e.transfer AND t.kind = 'suspense' ${JOINS}
      LEFT JOIN guards g ON g.name = 'suspense:' || t.id LEFT JOIN transfers done ON done.id = g.changed_by
      LEFT JOIN accounts went ON went.id = done.to_account
      LEFT JOIN guards c ON c.name = 'claimed:' || t.id
      WHERE s.kind = 'suspense' AND s.owner IS NULL AND e.transfer < ? ${state} ORDER BY e.transfer DESC LIMIT ?`,
    [page.before ?? '~', page.limit],
  );
}
