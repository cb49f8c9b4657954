import type { Reader, Value, Writer } from './engine/engine.ts';
import { PAGE_SIZE, ranges, withinPeriod, type Period } from './pages.ts';

/** One thing that was done, by whom, to whom. `facts` is JSON; `seq` and `hash` are null until it is sealed. */
export type RecordRow = {
  id: string;
  at: string;
  action: string;
  /** A user id, `system:…`, or `nobody` for who was not let in. */
  actor: string;
  actorRole: string | null;
  /** The holder it is about. */
  subject: string | null;
  /** The thing it is about: a session, a transfer, a case. */
  object: string | null;
  reason: string | null;
  device: string | null;
  network: string | null;
  facts: string;
  seq: bigint | null;
  hash: string | null;
};

const COLUMNS = `id, at, action, actor, actor_role AS "actorRole", subject, object, reason, device, network, facts, seq,
  hash`;

export async function insertRecord(tx: Writer, record: Omit<RecordRow, 'seq' | 'hash'>): Promise<void> {
  await tx.run(
    `INSERT INTO audit_log (id, at, action, actor, actor_role, subject, object, reason, device, network, facts)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      record.id,
      record.at,
      record.action,
      record.actor,
      record.actorRole,
      record.subject,
      record.object,
      record.reason,
      record.device,
      record.network,
      record.facts,
    ],
  );
}

/** The last sealed record. */
export function chainHead(db: Reader): Promise<{ seq: bigint; hash: string } | undefined> {
  return db.one('SELECT seq, hash FROM audit_log WHERE seq IS NOT NULL ORDER BY seq DESC LIMIT 1');
}

/** Records that wait to be sealed, oldest first. */
export function unsealedRecords(db: Reader, limit: number): Promise<RecordRow[]> {
  return db.all<RecordRow>(`SELECT ${COLUMNS} FROM audit_log WHERE seq IS NULL ORDER BY id LIMIT ?`, [limit]);
}

export async function sealRecord(tx: Writer, id: string, seq: bigint, hash: string): Promise<void> {
  await tx.run('UPDATE audit_log SET seq = ?, hash = ? WHERE id = ? AND seq IS NULL', [seq, hash, id]);
}

/** Sealed records from after `after` on, or from the first, in the order of the chain. */
export function sealedRecords(db: Reader, after: bigint | undefined, limit: number): Promise<RecordRow[]> {
  return db.all<RecordRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE seq ${after === undefined ? 'IS NOT NULL' : '> ?'} ORDER BY seq LIMIT ?`,
    [...(after === undefined ? [] : [after]), limit],
  );
}

/**
 * Records about a holder from before `before` on, newest first; only of these actions when they are given; only what
 * staff did (`byStaff`), or all but that.
 */
export function recordsAbout(
  db: Reader,
  subject: string,
  page: {
    readonly before?: string | undefined;
    /** Only from this id on. */
    readonly from?: string;
    readonly actions?: readonly string[];
    /** Only what staff did (or, when false, only what they did not), and not the holder. */
    readonly byStaff?: boolean;
    readonly limit: number;
  },
): Promise<RecordRow[]> {
  const { before = '~', from = '', actions, byStaff, limit } = page;
  const ofActions =
    actions === undefined ? '' : `AND action IN (${actions.map(() => '?').join(', ') || 'NULL'})`;
  const ofStaff = `(actor <> subject AND actor <> 'nobody' AND actor NOT LIKE 'system:%')`;
  const ofWhom = byStaff === undefined ? '' : `AND ${byStaff ? '' : 'NOT '}${ofStaff}`;
  return db.all<RecordRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE subject = ? AND id < ? AND id >= ? ${ofActions} ${ofWhom}
      ORDER BY id DESC LIMIT ?`,
    [subject, before, from, ...(actions ?? []), limit],
  );
}

/** What somebody did from the id `since` on, oldest first. */
export function recordsBy(
  db: Reader,
  actor: string,
  {
    since,
    actions,
    limit,
  }: { readonly since: string; readonly actions: readonly string[]; readonly limit: number },
): Promise<RecordRow[]> {
  const places = actions.map(() => '?').join(', ');
  return db.all<RecordRow>(
    `SELECT ${COLUMNS} FROM audit_log WHERE actor = ? AND id >= ? AND action IN (${places}) ORDER BY id LIMIT ?`,
    [actor, since, ...actions, limit],
  );
}

/** Every record of a period, or those about one holder, in the order of the ids. */
export async function* recordPages(
  db: Reader,
  { subject, ...period }: Period & { readonly subject?: string | undefined },
): AsyncGenerator<RecordRow[]> {
  const [about, who]: [string, Value[]] = subject === undefined ? ['', []] : ['subject = ? AND ', [subject]];
  const [within, times] = withinPeriod('at', period);
  const keys = ranges((after) =>
    db.one(
      `SELECT MAX(id) AS last FROM (SELECT id FROM audit_log WHERE ${about}id > ? ORDER BY id LIMIT ?) AS page`,
      [...who, after, PAGE_SIZE],
    ),
  );
  for await (const { after, upTo } of keys) {
    yield await db.all<RecordRow>(
      `SELECT ${COLUMNS} FROM audit_log WHERE ${about}id > ? AND id <= ?${within} ORDER BY id`,
      [...who, after, upTo, ...times],
    );
  }
}
