import type { IdKind } from '../../core/contract/ids.ts';
import type { Reader } from './engine/engine.ts';

/** What an account may not do, by whose decision, and until when. */
export type RestrictionFact = {
  id: string;
  capability: string;
  reason: string;
  madeAt: string;
  expiresAt: string | null;
  liftedAt: string | null;
};

/** The restrictions an account was ever under, newest first, at most so many. */
export function restrictionsEver(db: Reader, user: string, limit: number): Promise<RestrictionFact[]> {
  return db.all<RestrictionFact>(
    `SELECT id, capability, reason, made_at AS "madeAt", expires_at AS "expiresAt", lifted_at AS "liftedAt"
      FROM restrictions WHERE user_id = ? ORDER BY id DESC LIMIT ?`,
    [user, limit],
  );
}

/** How an account is looked after by its owner: only numbers, and since when a second factor is asked for. */
export type AccountFacts = { factorSince: string | null; tokens: bigint; devices: bigint; payees: bigint };

/** `now` is RFC 3339: tokens that have expired do not count. */
export async function accountFacts(db: Reader, user: string, now: string): Promise<AccountFacts> {
  const facts = await db.one<AccountFacts>(
    `SELECT (SELECT enabled_at FROM second_factors WHERE user_id = ?) AS "factorSince",
      (SELECT COUNT(*) FROM tokens WHERE user_id = ? AND expires_at > ?) AS tokens,
      (SELECT COUNT(*) FROM devices WHERE user_id = ?) AS devices,
      (SELECT COUNT(*) FROM payees WHERE owner = ?) AS payees`,
    [user, user, now, user, user],
  );
  return facts ?? { factorSince: null, tokens: 0n, devices: 0n, payees: 0n };
}

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
