import type { Currency } from '../../core/money.ts';
import type { Reader } from './engine/engine.ts';
import { PAGE_SIZE, pages } from './pages.ts';
import type { TransferRow } from './transfers.ts';

/** An account as it stands, with the name of the holder who owns it. Amounts in minor units of its currency. */
export type JournalAccount = {
  id: bigint;
  name: string;
  kind: string;
  owner: string | null;
  ownerName: string | null;
  currency: Currency;
  floor: bigint | null;
  balance: bigint;
  held: bigint;
  entries: bigint;
  /** The account's transfer with the lowest id; null while it has none. */
  firstTransfer: string | null;
};

export type JournalTransfer = TransferRow & {
  fromName: string;
  fromCurrency: Currency;
  fromOwnerName: string | null;
  toName: string;
  toCurrency: Currency;
  toOwnerName: string | null;
};

/** One line of a transfer with its account; the account's columns are null when it does not exist. */
export type JournalEntry = {
  transfer: string;
  line: bigint;
  account: bigint;
  seq: bigint;
  amount: bigint;
  before: bigint;
  after: bigint;
  accountName: string | null;
  accountKind: string | null;
  accountOwner: string | null;
  currency: Currency | null;
};

/** Transfers in the order of their ids, and all entries from after the last page's last transfer up to this one's. */
export type TransferPage<Transfer> = { transfers: Transfer[]; entries: JournalEntry[] };

/** Every account, in the order of the ids. */
export function accountPages(db: Reader): AsyncGenerator<JournalAccount[]> {
  return pages(
    0n,
    ({ id }) => id,
    (after) =>
      db.all<JournalAccount>(
        `SELECT a.id, a.name, a.kind, a.owner, u.display_name AS "ownerName", a.currency, a.floor, a.balance, a.held,
          a.entries, (SELECT MIN(e.transfer) FROM entries e WHERE e.account = a.id) AS "firstTransfer"
          FROM accounts a LEFT JOIN users u ON u.id = a.owner WHERE a.id > ? ORDER BY a.id LIMIT ?`,
        [after, PAGE_SIZE],
      ),
  );
}

/** The transfer with the lowest id; undefined while there is none. */
export async function firstTransfer(db: Reader): Promise<string | undefined> {
  const row = await db.one<{ first: string | null }>('SELECT MIN(id) AS first FROM transfers');
  return row?.first ?? undefined;
}

/** Every transfer with its entries. */
export async function* transferPages(db: Reader): AsyncGenerator<TransferPage<JournalTransfer>> {
  const transfers = (after: string) =>
    db.all<JournalTransfer>(
      `SELECT t.id, t.kind, t.at, t.initiator, t.paid, t.fee, t.received, t.quote, t.note, t.details,
        a.name AS "fromName", a.currency AS "fromCurrency", ua.display_name AS "fromOwnerName",
        b.name AS "toName", b.currency AS "toCurrency", ub.display_name AS "toOwnerName"
        FROM transfers t JOIN accounts a ON a.id = t.from_account LEFT JOIN users ua ON ua.id = a.owner
        JOIN accounts b ON b.id = t.to_account LEFT JOIN users ub ON ub.id = b.owner
        WHERE t.id > ? ORDER BY t.id LIMIT ?`,
      [after, PAGE_SIZE],
    );
  yield* withEntries(db, transfers);
}

/** Pages of transfers joined by their entries; a last page without transfers carries the entries beyond them all. */
export async function* withEntries<Transfer extends { id: string }>(
  db: Reader,
  transfersAfter: (id: string) => Promise<Transfer[]>,
): AsyncGenerator<TransferPage<Transfer>> {
  let last = '';
  for await (const transfers of pages(last, ({ id }) => id, transfersAfter)) {
    const upTo = transfers.at(-1)?.id ?? last;
    const entries = await db.all<JournalEntry>(
      `SELECT ${ENTRY_COLUMNS} WHERE e.transfer > ? AND e.transfer <= ? ORDER BY e.transfer, e.line`,
      [last, upTo],
    );
    last = upTo;
    yield { transfers, entries };
  }
  const stray = await db.all<JournalEntry>(
    `SELECT ${ENTRY_COLUMNS} WHERE e.transfer > ? ORDER BY e.transfer, e.line LIMIT ?`,
    [last, PAGE_SIZE],
  );
  if (stray.length > 0) yield { transfers: [], entries: stray };
}

const ENTRY_COLUMNS = `e.transfer, e.line, e.account, e.seq, e.amount, e.balance_before AS "before",
  e.balance_after AS "after", a.name AS "accountName", a.kind AS "accountKind", a.owner AS "accountOwner", a.currency
  FROM entries e LEFT JOIN accounts a ON a.id = e.account`;
