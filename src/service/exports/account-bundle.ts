import { createHash } from 'node:crypto';
import { toWire } from '../../core/money.ts';
import { exportTransactions } from '../ledger/export-transactions/export-transactions.ts';
import { balancesOf } from '../ledger/read.ts';
import { chainHead } from '../store/audit-log.ts';
import type { Reader, Row } from '../store/engine/engine.ts';
import { HOLDER_TABLES, holderRows } from '../store/holder-rows.ts';
import { userById } from '../store/users.ts';
import { describeUser } from '../identity/describe.ts';
import { exportRecords } from './audit-records.ts';

/** Whose account, and what the manifest says of how it was taken. */
export type BundleOf = {
  readonly holder: string;
  /** Offset from UTC of the times of transactions and activity, such as `+02:00`. */
  readonly offset?: string | undefined;
  readonly takenAt: string;
  readonly takenBy: string;
  readonly reason: string;
};

type BundledFile = {
  readonly file: string;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: string;
};

/**
 * All that is known of one account, as files of JSON Lines in one stream: a line that is a string names the file whose
 * rows follow. The last file is the manifest, with the rows, bytes and SHA-256 of each one before and the head of the
 * audit chain. `db` should be a snapshot, so that the files agree with each other.
 */
export async function* accountBundle(db: Reader, about: BundleOf): AsyncGenerator<string> {
  const files: BundledFile[] = [];
  for (const [file, pieces] of contents(db, about)) {
    yield named(file);
    const digest = createHash('sha256');
    let [rows, bytes] = [0, 0];
    for await (const piece of pieces) {
      digest.update(piece);
      rows += piece.split('\n').length - 1;
      bytes += Buffer.byteLength(piece);
      yield piece;
    }
    files.push({ file, rows, bytes, sha256: digest.digest('hex') });
  }
  const head = await chainHead(db);
  const { holder, takenAt, takenBy, reason } = about;
  const auditLog = head === undefined ? {} : { auditLog: { seq: String(head.seq), hash: head.hash } };
  yield named('manifest.json');
  yield line({ holder, takenAt, takenBy, reason, ...auditLog, files });
}

/** The files in their order, each with what is in it. */
function contents(db: Reader, { holder, offset }: BundleOf): [file: string, pieces: AsyncIterable<string>][] {
  const writing = { format: 'jsonl', offset } as const;
  return [
    ['profile.jsonl', profile(db, holder)],
    ['balances.jsonl', balances(db, holder)],
    ['transactions.jsonl', exportTransactions(db, { holder }, writing)],
    ['activity.jsonl', exportRecords(db, { subject: holder }, writing)],
    ...HOLDER_TABLES.map((table): [string, AsyncIterable<string>] => [
      `${table}.jsonl`,
      linesOf(holderRows(db, table, holder)),
    ]),
  ];
}

async function* profile(db: Reader, holder: string): AsyncGenerator<string> {
  const user = await userById(db, holder);
  if (user === undefined) return;
  yield line({ ...describeUser(user), depositReference: user.depositReference });
}

/** What each account comes to: the last `balanceAfter` of its transactions, and how much of it is held. */
async function* balances(db: Reader, holder: string): AsyncGenerator<string> {
  for (const { currency, balance, held } of await balancesOf(db, holder))
    yield line({ balance: toWire(balance, currency), held: toWire(held, currency) });
}

async function* linesOf(rows: AsyncIterable<Row[]>): AsyncGenerator<string> {
  for await (const page of rows) yield page.map(line).join('');
}

/** One line of JSON. Whole numbers of our own tables are small: amounts never come this way. */
function line(value: object): string {
  const written = JSON.stringify(value, (_, field: unknown) =>
    typeof field === 'bigint' ? Number(field) : field,
  );
  return `${written}\n`;
}

function named(file: string): string {
  return `${JSON.stringify(file)}\n`;
}
