import type { Currency } from '../../core/money.ts';
import type { Reader } from './engine/engine.ts';
import { allOf } from './lists.ts';
import { PAGE_SIZE, ranges, withinPeriod, type Period } from './pages.ts';
import type { TransferRow } from './transfers.ts';

/** A transfer without its accounts: they are few and read once, see accountsByIds. */
export type ExportedTransfer = TransferRow & { fromAccount: bigint; toAccount: bigint };

/** A transfer with what it did to one account, and how that stood right after. */
export type ExportedEntry = ExportedTransfer & { account: bigint; amount: bigint; after: bigint };

/** The same with its place in the chain of the account. */
export type ChainedEntry = ExportedEntry & { seq: bigint; before: bigint };

export type ExportedAccount = {
  id: bigint;
  name: string;
  kind: string;
  owner: string | null;
  ownerName: string | null;
  currency: Currency;
};

const COLUMNS = `t.id, t.kind, t.at, t.initiator, t.from_account AS "fromAccount", t.to_account AS "toAccount", t.paid, t.fee,
  t.received, t.quote, t.note, t.details`;

/** Every transfer of a period, in the order of the ids. */
export async function* transfersIn(db: Reader, period: Period): AsyncGenerator<ExportedTransfer[]> {
  const [within, times] = withinPeriod('t.at', period);
  const keys = ranges((after) =>
    db.one(
      'SELECT MAX(id) AS last FROM (SELECT id FROM transfers WHERE id > ? ORDER BY id LIMIT ?) AS page',
      [after, PAGE_SIZE],
    ),
  );
  for await (const { after, upTo } of keys) {
    yield await db.all<ExportedTransfer>(
      `SELECT ${COLUMNS} FROM transfers t WHERE t.id > ? AND t.id <= ?${within} ORDER BY t.id`,
      [after, upTo, ...times],
    );
  }
}

/** Every entry of one account in a period, in their order. */
export async function* entriesIn(
  db: Reader,
  account: bigint,
  period: Period,
): AsyncGenerator<ExportedEntry[]> {
  const [within, times] = withinPeriod('t.at', period);
  const keys = ranges((after) =>
    db.one(
      `SELECT MAX(transfer) AS last FROM
        (SELECT transfer FROM entries WHERE account = ? AND transfer > ? ORDER BY transfer LIMIT ?) AS page`,
      [account, after, PAGE_SIZE],
    ),
  );
  for await (const { after, upTo } of keys) {
    yield await db.all<ExportedEntry>(
      `SELECT ${COLUMNS}, e.account, e.amount, e.balance_after AS after FROM entries e
        JOIN transfers t ON t.id = e.transfer
        WHERE e.account = ? AND e.transfer > ? AND e.transfer <= ?${within} ORDER BY e.transfer, e.line`,
      [account, after, upTo, ...times],
    );
  }
}

/** An account's entries of the transfers after one, in the order of their ids, which is almost that of the chain. */
export async function* entriesFrom(
  db: Reader,
  account: bigint,
  walkFrom: string,
): AsyncGenerator<ChainedEntry[]> {
  const lastAfter = (after: string) =>
    db.one<{ last: string | null }>(
      `SELECT MAX(transfer) AS last FROM
        (SELECT transfer FROM entries WHERE account = ? AND transfer > ? ORDER BY transfer LIMIT ?) AS page`,
      [account, after, PAGE_SIZE],
    );
  for await (const { after, upTo } of ranges(lastAfter, walkFrom)) {
    yield await db.all<ChainedEntry>(
      `SELECT ${COLUMNS}, e.account, e.amount, e.seq, e.balance_before AS before, e.balance_after AS after FROM entries e
        JOIN transfers t ON t.id = e.transfer
        WHERE e.account = ? AND e.transfer > ? AND e.transfer <= ? ORDER BY e.transfer, e.line`,
      [account, after, upTo],
    );
  }
}

/** The accounts with these ids and the names of their owners, in no order. */
export function accountsByIds(db: Reader, ids: readonly bigint[]): Promise<ExportedAccount[]> {
  return allOf(
    db,
    ids,
    (
      places,
    ) => `SELECT a.id, a.name, a.kind, a.owner, a.currency, u.display_name AS "ownerName" FROM accounts a
      LEFT JOIN users u ON u.id = a.owner WHERE a.id IN (${places})`,
  );
}
