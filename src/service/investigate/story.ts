import { ID_PREFIXES, firstIdAt, type IdKind } from '../../core/contract/ids.ts';
import type { Output, Parsed } from '../../core/contract/operations.ts';
import type { StoryKind } from '../../core/contract/actions.ts';
import { actionsOfKind, kindOfAction, textOfAction } from '../audit-log/kind-of-action.ts';
import { timestamp, type Deps } from '../deps.ts';
import { balancesOf, transfersOfAccount } from '../ledger/read.ts';
import { afterOf, onceEach, type Booked } from '../ledger/show-transfer.ts';
import { recordsAbout, type RecordRow } from '../store/audit-log.ts';
import { messagesByIds } from '../store/cases.ts';
import { notesByIds } from '../store/notes.ts';
import { sentMailsOf, type SentMailRow } from '../store/sent-mails.ts';
import { partiesByIds } from '../store/users.ts';
import { showToStaff } from './show-to-staff.ts';

type Event = Output<'look-at-timeline'>['events'][number];
type Kind = NonNullable<Parsed<'look-at-timeline'>['kind']>;
type Known = Pick<Deps, 'engine'>;

/** The part of a story that is asked for: times in Unix milliseconds, `sinceMs` inside and `untilMs` not. */
export type Part = {
  readonly kind: Kind | undefined;
  readonly sinceMs: number;
  readonly untilMs: number;
  /** The id of the last event of the page before. */
  readonly cursor: string | undefined;
  readonly limit: number;
};

/** Between the making of a transfer's id and its time, in milliseconds: longer than any call lasts. */
const SLACK_MS = 60_000;

/** One row of one of the sources. */
type Row =
  | { readonly id: string; readonly record: RecordRow }
  | { readonly id: string; readonly transfer: Booked }
  | { readonly id: string; readonly mail: SentMailRow };

/**
 * What happened to an account, newest first. Records, transfers and mails are in three tables, each in the order of its
 * ids, which is the order of time: so a page of the story is a page of each of them, merged. Gives one event more than
 * the limit when there are more.
 */
export async function storyOf(deps: Known, holder: string, part: Part): Promise<Event[]> {
  const { kind, limit } = part;
  const sources = await Promise.all([
    kind === 'transfer' || kind === 'mail' ? [] : recordRows(deps, holder, part),
    kind === undefined || kind === 'transfer' ? transferRows(deps, holder, part) : [],
    kind === undefined || kind === 'mail' ? mailRows(deps, holder, part) : [],
  ]);
  const merged = new Map(sources.flat().map((row) => [row.id, row]));
  const page = [...merged.values()].sort((one, other) => (bodyOf(one.id) < bodyOf(other.id) ? 1 : -1));
  return tell(deps, holder, page.slice(0, limit + 1));
}

async function recordRows({ engine }: Known, holder: string, part: Part): Promise<Row[]> {
  const { kind, limit } = part;
  const records = await recordsAbout(engine, holder, {
    ...boundsOf('record', part),
    // All that staff did, whatever else it is.
    ...(kind === 'staff' ? { byStaff: true } : {}),
    ...(kind === undefined || kind === 'staff' ? {} : { actions: actionsOfKind(kind as StoryKind) }),
    limit: limit + 1,
  });
  return records.map((record) => ({ id: record.id, record }));
}

async function transferRows({ engine }: Known, holder: string, part: Part): Promise<Row[]> {
  const accounts = await balancesOf(engine, holder);
  const bounds = {
    ...boundsOf('transfer', part, SLACK_MS),
    since: timestamp(part.sinceMs),
    until: timestamp(part.untilMs),
  };
  const pages = await Promise.all(
    accounts.map(({ id }) => transfersOfAccount(engine, id, bounds, part.limit + 1)),
  );
  return onceEach(pages.flat()).map((transfer) => ({ id: transfer.id, transfer }));
}

async function mailRows({ engine }: Known, holder: string, part: Part): Promise<Row[]> {
  const mails = await sentMailsOf(engine, holder, { ...boundsOf('mail', part), limit: part.limit + 1 });
  return mails.map((mail) => ({ id: mail.id, mail }));
}

/** The ids of one kind that are in the part: from the first on, before the other. */
function boundsOf(kind: IdKind, { sinceMs, untilMs, cursor }: Part, slackMs = 0) {
  const end = firstIdAt(kind, untilMs + slackMs);
  const after = cursor === undefined ? end : `${ID_PREFIXES[kind]}_${bodyOf(cursor)}`;
  return { from: firstIdAt(kind, sinceMs - slackMs), before: after < end ? after : end };
}

/** What ids of every kind are sorted by: time and chance, after the prefix. */
function bodyOf(id: string): string {
  return id.slice(4);
}

/** Makes events of rows, with the names and the words that belong to them looked up for the whole page. */
async function tell({ engine }: Known, holder: string, rows: readonly Row[]): Promise<Event[]> {
  const records = rows.flatMap((row) => ('record' in row ? [row.record] : []));
  const objects = records.flatMap(({ object }) => (object === null ? [] : [object]));
  const messages = records.flatMap(({ facts }) => factsOf(facts)['message'] ?? []);
  const actors = [
    ...records.map(({ actor }) => actor),
    ...rows.flatMap((row) => ('transfer' in row ? [row.transfer.initiator] : [])),
  ].filter((actor) => actor.startsWith(`${ID_PREFIXES.user}_`) && actor !== holder);
  const [people, notes, written] = await Promise.all([
    partiesByIds(engine, actors),
    notesByIds(
      engine,
      objects.filter((id) => id.startsWith(`${ID_PREFIXES.note}_`)),
    ),
    messagesByIds(engine, messages),
  ]);
  const names = new Map(people.map(({ id, displayName }) => [id, displayName]));
  const words = new Map([...notes, ...written].map(({ id, text }) => [id, text]));
  const by = (actor: string, role: string | null): Event['by'] | undefined =>
    actor === holder
      ? undefined
      : { id: actor, name: names.get(actor) ?? actor, ...(role === null ? {} : { role }) };

  return rows.map((row): Event => {
    if ('mail' in row) return ofMail(row.mail);
    if ('transfer' in row) return ofTransfer(row.transfer, holder, by);
    return ofRecord(row.record, by, words);
  });
}

type By = (actor: string, role: string | null) => Event['by'] | undefined;

function ofRecord(record: RecordRow, by: By, words: ReadonlyMap<string, string>): Event {
  const { id, at, action, reason, device, network, object } = record;
  const facts = factsOf(record.facts);
  const actor = by(record.actor, record.actorRole);
  const text = words.get(facts['message'] ?? object ?? '');
  return {
    id,
    at,
    kind: kindOfAction(action),
    action,
    text: textOfAction(action),
    ...(actor ? { by: actor } : {}),
    ...(reason === null ? {} : { reason }),
    ...(device === null ? {} : { device }),
    ...(network === null ? {} : { network }),
    ...(object === null ? {} : { object }),
    ...(Object.keys(facts).length === 0 ? {} : { facts }),
    ...(text === undefined ? {} : { words: text }),
  };
}

const WAYS: Readonly<Record<string, string>> = {
  in: 'Money came in',
  own: 'Money was changed into another currency',
};

function ofTransfer(row: Booked, holder: string, by: By): Event {
  const transfer = showToStaff(row, holder, afterOf(row));
  // Whoever pays acts for themselves, also towards the one who is paid.
  const actor = row.initiator === row.fromOwner ? undefined : by(row.initiator, null);
  return {
    id: row.id,
    at: row.at,
    kind: 'transfer',
    text: WAYS[transfer.direction] ?? 'Money went out',
    ...(actor ? { by: actor } : {}),
    transfer,
  };
}

function ofMail({ id, sentAt, kind, subject, address }: SentMailRow): Event {
  return {
    id,
    at: sentAt,
    kind: 'mail',
    text: 'A mail was sent',
    mail: { kind, subject, to: address },
  };
}

function factsOf(json: string): Record<string, string> {
  return JSON.parse(json) as Record<string, string>;
}
