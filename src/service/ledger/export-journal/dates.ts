import { kindOfId } from '../../../core/contract/ids.ts';
import type { JournalEntry, JournalTransfer, TransferPage } from '../../store/journal.ts';

/** A transfer with its entries, and the day it is booked on (UTC, `YYYY-MM-DD`). */
export type DatedTransfer = JournalTransfer & { readonly date: string; readonly entries: JournalEntry[] };

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** The day of a book in which nothing has happened. */
const NO_DAY = '1970-01-01';

/** The day (UTC) on which an id was made; ids sort by it. The first day of all for texts that are no ids of ours. */
export function dayOfId(id: string | null | undefined): string {
  if (id === null || id === undefined || kindOfId(id) === undefined) return NO_DAY;
  const ms = [...id.slice(4, 14)].reduce((value, letter) => value * 32 + ALPHABET.indexOf(letter), 0);
  return new Date(ms).toISOString().slice(0, 10);
}

/** The day after, as `YYYY-MM-DD`. */
export function dayAfter(day: string): string {
  return new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
}

/**
 * Transfers with the day they are booked on: the day they were written, which is never before their ids were made.
 * Pages in, pages out, in the order of the ids.
 */
export async function* dated(
  pages: AsyncIterable<TransferPage<JournalTransfer>>,
): AsyncGenerator<DatedTransfer[]> {
  for await (const { transfers, entries } of pages) {
    const entriesOf = Map.groupBy(entries, ({ transfer }) => transfer);
    yield transfers.map((transfer) => {
      const [made, written] = [dayOfId(transfer.id), transfer.at.slice(0, 10)];
      const date = written > made ? written : made;
      return { ...transfer, date, entries: entriesOf.get(transfer.id) ?? [] };
    });
  }
}

/**
 * The same transfers by day, and within a day in the order of the ids. Only what was under way at midnight has to wait:
 * no transfer is booked before the day of its id, and those days never go back.
 */
export async function* byDay(pages: AsyncIterable<DatedTransfer[]>): AsyncGenerator<DatedTransfer[]> {
  let waiting: DatedTransfer[] = [];
  const release = (upTo: string): DatedTransfer[] => {
    const due = waiting.filter(({ date }) => date <= upTo);
    waiting = waiting.filter(({ date }) => date > upTo);
    return due.sort((one, other) => (one.date === other.date ? 0 : one.date < other.date ? -1 : 1));
  };
  let today = NO_DAY;
  for await (const page of pages) {
    const ordered: DatedTransfer[] = [];
    for (const transfer of page) {
      const day = dayOfId(transfer.id);
      if (day > today) {
        today = day;
        if (waiting.length > 0) ordered.push(...release(today));
      }
      if (transfer.date > today) waiting.push(transfer);
      else ordered.push(transfer);
    }
    yield ordered;
  }
  yield release('9999-12-31');
}
