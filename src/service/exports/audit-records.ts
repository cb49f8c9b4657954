import type { Reader } from '../store/engine/engine.ts';
import { recordPages, type RecordRow } from '../store/audit-log.ts';
import type { Period } from '../store/pages.ts';
import { csvLine, csvText } from './csv.ts';
import { timesAt, type WriteTime } from './times.ts';

/** How records are written: the columns, for ever in this order, and lines of a page. */
type RecordFormat = {
  readonly head: string;
  readonly lines: (page: readonly RecordRow[], timeOf: WriteTime) => string;
};

const COLUMNS = [
  'record',
  'at',
  'action',
  'actor',
  'actor_role',
  'subject',
  'object',
  'reason',
  'device',
  'network',
  'facts',
  'seq',
  'hash',
] as const;

const CSV: RecordFormat = {
  head: csvLine(COLUMNS),
  lines: (page, timeOf) => page.map((record) => csvLine(cellsOf(record, timeOf))).join(''),
};

/** Texts are exact; what a record does not have is left out. */
const JSONL: RecordFormat = {
  head: '',
  lines: (page, timeOf) => page.map((record) => `${JSON.stringify(objectOf(record, timeOf))}\n`).join(''),
};

const FORMATS = { csv: CSV, jsonl: JSONL };

/** Records of the audit log as text in pieces of a page, oldest first: all, or those about one holder. */
export async function* exportRecords(
  db: Reader,
  selection: Period & { readonly subject?: string | undefined },
  { format, offset }: { readonly format: keyof typeof FORMATS; readonly offset?: string | undefined },
): AsyncGenerator<string> {
  const { head, lines } = FORMATS[format];
  const timeOf = timesAt(offset);
  if (head !== '') yield head;
  for await (const page of recordPages(db, selection)) if (page.length > 0) yield lines(page, timeOf);
}

function cellsOf(record: RecordRow, timeOf: WriteTime): string[] {
  return [
    record.id,
    timeOf(record.at),
    csvText(record.action),
    csvText(record.actor),
    csvText(record.actorRole ?? ''),
    csvText(record.subject ?? ''),
    csvText(record.object ?? ''),
    csvText(record.reason ?? ''),
    csvText(record.device ?? ''),
    csvText(record.network ?? ''),
    csvText(record.facts),
    record.seq === null ? '' : String(record.seq),
    // The hash is base64url, and may begin with a hyphen.
    csvText(record.hash ?? ''),
  ];
}

function objectOf({ id, at, facts, seq, ...told }: RecordRow, timeOf: WriteTime): unknown {
  return {
    record: id,
    at: timeOf(at),
    ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== null)),
    facts: JSON.parse(facts) as unknown,
    ...(seq === null ? {} : { seq: Number(seq) }),
  };
}
