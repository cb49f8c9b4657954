import type { Currency } from '../../../core/money.ts';
import { timesAt } from '../../exports/times.ts';
import { balancesOf } from '../../store/balances.ts';
import type { Reader } from '../../store/engine/engine.ts';
import {
  entriesIn,
  transfersIn,
  type ExportedEntry,
  type ExportedTransfer,
} from '../../store/exported-transfers.ts';
import type { Period } from '../../store/pages.ts';
import { CSV } from './csv.ts';
import { JSONL } from './jsonl.ts';
import type { Line } from './line.ts';
import { Parties } from './parties.ts';

const FORMATS = { csv: CSV, jsonl: JSONL };

export type Selection = Period & {
  /** Only what changed the balances of this holder, account by account; without one every transfer once. */
  readonly holder?: string | undefined;
  /** Only what was paid or received in it; of a holder, the account in it. */
  readonly currency?: Currency | undefined;
};

export type Writing = {
  readonly format: keyof typeof FORMATS;
  /** Offset from UTC of the times, such as `+02:00`. */
  readonly offset?: string | undefined;
};

/** Transfers as text in pieces of a page. Whoever gives a snapshot gets what agrees with itself. */
export async function* exportTransactions(
  db: Reader,
  selection: Selection,
  { format, offset }: Writing,
): AsyncGenerator<string> {
  const { head, lines } = FORMATS[format];
  const timeOf = timesAt(offset);
  if (head !== '') yield head;
  for await (const page of linesOf(db, selection)) if (page.length > 0) yield lines(page, timeOf);
}

async function* linesOf(db: Reader, { holder, currency, ...period }: Selection): AsyncGenerator<Line[]> {
  const parties = new Parties(db);
  if (holder === undefined) {
    for await (const page of transfersIn(db, period)) {
      await parties.fetch(accountsOf(page));
      const lines = page.map((transfer) => lineOf(transfer, parties));
      yield currency === undefined ? lines : lines.filter((line) => isIn(line, currency));
    }
    return;
  }
  for (const account of await balancesOf(db, holder)) {
    if (currency !== undefined && account.currency !== currency) continue;
    for await (const page of entriesIn(db, account.id, period)) {
      await parties.fetch(accountsOf(page).add(account.id));
      const change = ({ amount, after }: ExportedEntry) => ({ party: parties.of(account.id), amount, after });
      yield page.map((entry) => ({ ...lineOf(entry, parties), change: change(entry) }));
    }
  }
}

function accountsOf(page: readonly ExportedTransfer[]): Set<bigint> {
  return new Set(page.flatMap(({ fromAccount, toAccount }) => [fromAccount, toAccount]));
}

function lineOf(transfer: ExportedTransfer, parties: Parties): Line {
  return { transfer, from: parties.of(transfer.fromAccount), to: parties.of(transfer.toAccount) };
}

function isIn({ from, to }: Line, currency: Currency): boolean {
  return from.currency === currency || to.currency === currency;
}
