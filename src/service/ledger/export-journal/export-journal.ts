import type { Currency } from '../../../core/money.ts';
import type { Engine, Reader } from '../../store/engine/engine.ts';
import { fromSnapshot } from '../../exports/from-snapshot.ts';
import { accountPages, firstTransfer, transferPages } from '../../store/journal.ts';
import { BEANCOUNT } from './beancount.ts';
import { CSV } from './csv.ts';
import { byDay, dated, dayOfId } from './dates.ts';
import type { JournalFormat } from './format.ts';
import { HLEDGER } from './hledger.ts';
import { JSONL } from './jsonl.ts';

const FORMATS = { hledger: HLEDGER, beancount: BEANCOUNT, csv: CSV, jsonl: JSONL };

export type JournalFormatName = keyof typeof FORMATS;

/** The whole book as it is when the first piece is asked for, as text in pieces of a page. */
export function exportJournal(
  engine: Pick<Engine, 'openSnapshot'>,
  name: JournalFormatName,
): AsyncGenerator<string> {
  return fromSnapshot(engine, (db) => journalOf(db, FORMATS[name]));
}

async function* journalOf(db: Reader, format: JournalFormat): AsyncGenerator<string> {
  if (format.head !== '') yield format.head;
  const firstDay = dayOfId(await firstTransfer(db));
  if (format.account) yield* declarations(db, format.account, firstDay);
  let lastDay = firstDay;
  const transfers = dated(transferPages(db));
  for await (const page of format.byDay ? byDay(transfers) : transfers) {
    lastDay = page.at(-1)?.date ?? lastDay;
    if (page.length > 0) yield format.transfers(page);
  }
  if (!format.closing) return;
  let head = format.closing.head(lastDay);
  for await (const page of accountPages(db)) {
    const account = format.closing.account;
    yield head + page.map((each) => account(each, lastDay)).join('');
    head = '';
  }
}

async function* declarations(
  db: Reader,
  write: NonNullable<JournalFormat['account']>,
  firstDay: string,
): AsyncGenerator<string> {
  const seen = new Set<Currency>();
  for await (const page of accountPages(db)) {
    let text = '';
    for (const account of page) {
      const { currency, firstTransfer: first } = account;
      text += write(
        account,
        first === null ? firstDay : dayOfId(first),
        seen.has(currency) ? undefined : currency,
      );
      seen.add(currency);
    }
    yield text;
  }
}
