import type { IdKind } from '../../core/contract/ids.ts';
import type { Reader } from './engine/engine.ts';

/** Whose a thing is, by the kind its id says it is of. */
const OWNERS: Partial<Record<IdKind, string>> = {
  session: 'SELECT user_id AS owner FROM sessions WHERE id = ?',
  device: 'SELECT user_id AS owner FROM devices WHERE id = ?',
  token: 'SELECT user_id AS owner FROM tokens WHERE id = ?',
  payee: 'SELECT owner FROM payees WHERE id = ?',
  quote: 'SELECT owner FROM quotes WHERE id = ?',
  case: 'SELECT user_id AS owner FROM cases WHERE id = ?',
  message: 'SELECT c.user_id AS owner FROM case_messages m JOIN cases c ON c.id = m.case_id WHERE m.id = ?',
  note: 'SELECT user_id AS owner FROM notes WHERE id = ?',
  restriction: 'SELECT user_id AS owner FROM restrictions WHERE id = ?',
  record: 'SELECT subject AS owner FROM audit_log WHERE id = ?',
};

/** The holder a thing belongs to; undefined for what is not there, or is nobody's. */
export async function ownerOf(db: Reader, kind: IdKind, id: string): Promise<string | undefined> {
  const sql = OWNERS[kind];
  if (sql === undefined) return undefined;
  return (await db.one<{ owner: string | null }>(sql, [id]))?.owner ?? undefined;
}
