import type { Reader, Writer } from './engine/engine.ts';

/** Rows that are kept for a term only: what names one, and what tells its age, which has an index. */
type Kept = { readonly table: string; readonly key: string; readonly age: string; readonly only?: string };

const KEPT = {
  quotes: { table: 'quotes', key: 'id', age: 'id' },
  sentMails: { table: 'sent_mails', key: 'id', age: 'id' },
  registrations: { table: 'registrations', key: 'id', age: 'id' },
  mailedCodes: { table: 'mailed_codes', key: 'id', age: 'id' },
  sessions: { table: 'sessions', key: 'id', age: 'id' },
  tokens: { table: 'tokens', key: 'id', age: 'expires_at' },
  devices: { table: 'devices', key: 'id', age: 'last_used_at' },
  formerAddresses: { table: 'former_addresses', key: 'user_id, email', age: 'left_at' },
  throttles: { table: 'throttles', key: 'name', age: 'forget_at' },
  begunFactors: { table: 'second_factors', key: 'user_id', age: 'created_at', only: 'enabled_at IS NULL' },
} as const satisfies Readonly<Record<string, Kept>>;

export type KeptFor = keyof typeof KEPT;
/** Before which id or time in RFC 3339 a row is past its term. */
export type Bounds = Readonly<Record<KeptFor, string>>;

const NAMES = Object.keys(KEPT) as KeptFor[];

/** Of what there is something that is past its term. */
export async function findPastTerm(db: Reader, bounds: Bounds): Promise<KeptFor[]> {
  const questions = NAMES.map((name) => `SELECT '${name}' AS what WHERE EXISTS (${oldRows(name, '1')})`);
  const rows = await db.all<{ what: KeptFor }>(
    questions.join(' UNION ALL '),
    NAMES.map((name) => bounds[name]),
  );
  return rows.map(({ what }) => what);
}

/** Deletes of these what is past its term, the oldest first, at most so many of each; gives how many of the most. */
export async function deletePastTerm(
  tx: Writer,
  names: readonly KeptFor[],
  bounds: Bounds,
  most: number,
): Promise<number> {
  let deleted = 0;
  for (const name of names) {
    const { table, key, age } = KEPT[name];
    const old = `${oldRows(name, key)} ORDER BY ${age} LIMIT ?`;
    const rows = await tx.run(`DELETE FROM ${table} WHERE (${key}) IN (${old})`, [bounds[name], most]);
    deleted = Math.max(deleted, rows);
  }
  return deleted;
}

function oldRows(name: KeptFor, columns: string): string {
  const { table, age, only = 'TRUE' }: Kept = KEPT[name];
  return `SELECT ${columns} FROM ${table} WHERE ${age} < ? AND ${only}`;
}
