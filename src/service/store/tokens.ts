import type { Question, Reader, Writer } from './engine/engine.ts';
import { rowsOf } from './lists.ts';
import { nameKey } from './name-key.ts';

/** A token for programs, with the holder it belongs to. */
export type TokenRow = {
  id: string;
  userId: string;
  email: string;
  displayName: string;
  /** The role its owner has now. */
  role: string | null;
  name: string;
  /** JSON; see identity/token-facts.ts. */
  scopes: string;
  caps: string;
  payees: string | null;
  /** JSON: the networks it may be used from. */
  networks: string | null;
  plan: string | null;
  /** The role its owner had when it was made, when it may be used for that. */
  madeAs: string | null;
  createdAt: string;
  lastUsedAt: string | null;
  lastNetwork: string | null;
  expiresAt: string;
  /** JSON: the limits of its owner's level, when any are set; see limits/limit.ts. */
  limits: string | null;
};

const COLUMNS = `t.id, t.user_id AS "userId", u.email, u.display_name AS "displayName", u.role, t.name, t.scopes,
  t.caps, t.payees, t.networks, t.plan, t.made_as AS "madeAs", t.created_at AS "createdAt",
  t.last_used_at AS "lastUsedAt", t.last_network AS "lastNetwork", t.expires_at AS "expiresAt", l.limits`;
const FROM = 'FROM tokens t JOIN users u ON u.id = t.user_id LEFT JOIN levels l ON l.name = u.level';

const BY_HASH: Question = {
  sql: (are) => `SELECT ${COLUMNS}, t.token_hash AS "tokenHash" ${FROM} WHERE ${are('t.token_hash')}`,
  key: 'tokenHash',
};

/** The token that has this SHA-256 hash. */
export async function tokenByHash(db: Reader, tokenHash: string): Promise<TokenRow | undefined> {
  return (await rowsOf<TokenRow>(db, BY_HASH, [tokenHash]))[0];
}

/** A holder's tokens, oldest first. */
export function tokensOf(db: Reader, user: string): Promise<TokenRow[]> {
  return db.all<TokenRow>(`SELECT ${COLUMNS} ${FROM} WHERE t.user_id = ? ORDER BY t.id`, [user]);
}

export type TokenDraft = Omit<
  TokenRow,
  'email' | 'displayName' | 'role' | 'lastUsedAt' | 'lastNetwork' | 'limits'
> & {
  readonly tokenHash: string;
};

/** Keeps a token; false when its owner has one of that name. */
export async function insertToken(tx: Writer, token: TokenDraft): Promise<boolean> {
  const rows = await tx.run(
    `INSERT INTO tokens (id, user_id, name, name_key, token_hash, scopes, caps, payees, networks, plan, made_as,
      created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (user_id, name_key) DO NOTHING`,
    [
      token.id,
      token.userId,
      token.name,
      nameKey(token.name),
      token.tokenHash,
      token.scopes,
      token.caps,
      token.payees,
      token.networks,
      token.plan,
      token.madeAs,
      token.createdAt,
      token.expiresAt,
    ],
  );
  return rows > 0;
}

/**
 * Notes that a token is used, unless that was noted after `before` already; false then. Of calls at the same time one
 * notes it.
 */
export async function noteTokenUse(
  tx: Writer,
  use: { readonly id: string; readonly at: string; readonly network: string; readonly before: string },
): Promise<boolean> {
  const rows = await tx.run(
    `UPDATE tokens SET last_used_at = ?, last_network = ?
      WHERE id = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
    [use.at, use.network, use.id, use.before],
  );
  return rows > 0;
}

/** Ends a token of this holder; false when there is none. */
export async function deleteToken(tx: Writer, user: string, id: string): Promise<boolean> {
  return (await tx.run('DELETE FROM tokens WHERE id = ? AND user_id = ?', [id, user])) > 0;
}

/** Ends every token of a holder; gives those that ended, oldest first. */
export async function deleteTokensOf(tx: Writer, user: string): Promise<Pick<TokenRow, 'id' | 'name'>[]> {
  const ended = await tx.all<Pick<TokenRow, 'id' | 'name'>>(
    'SELECT id, name FROM tokens WHERE user_id = ? ORDER BY id',
    [user],
  );
  await tx.run('DELETE FROM tokens WHERE user_id = ?', [user]);
  return ended;
}
