import type { Reader, Writer } from './engine/engine.ts';
import { nameKey } from './name-key.ts';
import { allOf } from './lists.ts';

/** A saved recipient, with who it is. */
export type PayeeRow = {
  id: string;
  owner: string;
  name: string;
  /** What is equal for two names that people would take for the same. */
  nameKey: string;
  recipient: string;
  email: string;
  displayName: string;
  createdAt: string;
  /** JSON: the limits of the recipient's level, when any are set; see limits/limit.ts. */
  limits: string | null;
};

const SELECT = `SELECT p.id, p.owner, p.name, p.name_key AS "nameKey", p.recipient, u.email, u.display_name AS "displayName",
  p.created_at AS "createdAt", l.limits FROM payees p JOIN users u ON u.id = p.recipient
  LEFT JOIN levels l ON l.name = u.level`;

export function payeesOf(db: Reader, owner: string): Promise<PayeeRow[]> {
  return db.all<PayeeRow>(`${SELECT} WHERE p.owner = ? ORDER BY p.name_key`, [owner]);
}

/** An owner's payees by the keys of their names (see nameKey), in no order. */
export function payeesByNames(db: Reader, owner: string, nameKeys: readonly string[]): Promise<PayeeRow[]> {
  return allOf(db, nameKeys, (places) => `${SELECT} WHERE p.name_key IN (${places}) AND p.owner = ?`, [
    owner,
  ]);
}

/** Payees of any owner that have this key of a name, newest first. */
export function payeesNamed(
  db: Reader,
  nameKey: string,
  { before = '~', limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<PayeeRow[]> {
  return db.all<PayeeRow>(
    `${SELECT} WHERE p.name_key = ? AND p.id < ? ORDER BY p.name_key DESC, p.id DESC LIMIT ?`,
    [nameKey, before, limit],
  );
}

export async function payeeByName(db: Reader, owner: string, name: string): Promise<PayeeRow | undefined> {
  return (await payeesByNames(db, owner, [nameKey(name)]))[0];
}

export function payeeById(db: Reader, owner: string, id: string): Promise<PayeeRow | undefined> {
  return db.one<PayeeRow>(`${SELECT} WHERE p.owner = ? AND p.id = ?`, [owner, id]);
}

export async function countPayees(db: Reader, owner: string): Promise<bigint> {
  const row = await db.one<{ count: bigint }>('SELECT COUNT(*) AS count FROM payees WHERE owner = ?', [
    owner,
  ]);
  return row?.count ?? 0n;
}

/** Saves a payee; false when the owner has one of that name. */
export async function insertPayee(
  tx: Writer,
  payee: Pick<PayeeRow, 'id' | 'owner' | 'name' | 'recipient' | 'createdAt'>,
): Promise<boolean> {
  const rows = await tx.run(
    `INSERT INTO payees (id, owner, name, name_key, recipient, created_at) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT (owner, name_key) DO NOTHING`,
    [payee.id, payee.owner, payee.name, nameKey(payee.name), payee.recipient, payee.createdAt],
  );
  return rows > 0;
}

export async function deletePayee(tx: Writer, owner: string, id: string): Promise<void> {
  await tx.run('DELETE FROM payees WHERE owner = ? AND id = ?', [owner, id]);
}
