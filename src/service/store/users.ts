import type { Question, Reader, Writer } from './engine/engine.ts';
import { allOf, rowsOf } from './lists.ts';

/** A holder: someone whose e-mail address is verified. */
export type UserRow = {
  id: string;
  email: string;
  displayName: string;
  phone: string | null;
  passwordHash: string;
  role: string | null;
  depositReference: string;
  notifyReceived: bigint;
  createdAt: string;
};

const COLUMNS = `id, email, display_name AS "displayName", phone, password_hash AS "passwordHash", role,
  deposit_reference AS "depositReference", notify_received AS "notifyReceived", created_at AS "createdAt"`;

export function userById(db: Reader, id: string): Promise<UserRow | undefined> {
  return db.one<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id = ?`, [id]);
}

/** What of a holder others get to see, and the canonical form of the e-mail address. */
export type PartyRow = Pick<UserRow, 'id' | 'email' | 'displayName'> & {
  emailKey: string;
  /** JSON: the limits of their level, when any are set; see limits/limit.ts. */
  limits: string | null;
};

const PARTY = `SELECT u.id, u.email, u.display_name AS "displayName", u.email_key AS "emailKey", l.limits FROM users u
  LEFT JOIN levels l ON l.name = u.level`;

const BY_ID: Question = { sql: (are) => `${PARTY} WHERE ${are('u.id')}`, key: 'id' };
const BY_EMAIL: Question = { sql: (are) => `${PARTY} WHERE ${are('u.email_key')}`, key: 'emailKey' };

/** The holders with these ids, in no order; those that do not exist are left out. */
export function partiesByIds(db: Reader, ids: readonly string[]): Promise<PartyRow[]> {
  return rowsOf(db, BY_ID, ids);
}

/** By the canonical forms of e-mail addresses, in no order. */
export function partiesByEmails(db: Reader, emailKeys: readonly string[]): Promise<PartyRow[]> {
  return rowsOf(db, BY_EMAIL, emailKeys);
}

/** What a mail to a holder is made from. */
export type AddresseeRow = Pick<UserRow, 'id' | 'email' | 'displayName' | 'notifyReceived'>;

/** The holders with these ids, by id; those that do not exist are left out. */
export async function addressees(db: Reader, ids: readonly string[]): Promise<Map<string, AddresseeRow>> {
  const rows = await allOf<AddresseeRow>(
    db,
    ids,
    (places) =>
      `SELECT id, email, display_name AS "displayName", notify_received AS "notifyReceived" FROM users
        WHERE id IN (${places})`,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

/** By the canonical form of an e-mail address (see identity/email.ts). */
export function userByEmail(db: Reader, emailKey: string): Promise<UserRow | undefined> {
  return db.one<UserRow>(`SELECT ${COLUMNS} FROM users WHERE email_key = ?`, [emailKey]);
}

/** Holders with this phone number, newest first. */
export function usersByPhone(
  db: Reader,
  phone: string,
  { before = '~', limit }: { readonly before?: string | undefined; readonly limit: number },
): Promise<UserRow[]> {
  return db.all<UserRow>(
    `SELECT ${COLUMNS} FROM users WHERE phone = ? AND id < ? ORDER BY phone DESC, id DESC LIMIT ?`,
    [phone, before, limit],
  );
}

/** Holders whose ids are from `from` on and before `before`, newest first. */
export function usersBetween(db: Reader, from: string, before: string, limit: number): Promise<UserRow[]> {
  return db.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT ?`, [
    from,
    before,
    limit,
  ]);
}

/** The holders with these ids, in no order; those that do not exist are left out. */
export function usersByIds(db: Reader, ids: readonly string[]): Promise<UserRow[]> {
  return allOf(db, ids, (places) => `SELECT ${COLUMNS} FROM users WHERE id IN (${places})`);
}

/** Everybody who has a role, by role and then as they came. */
export function staffMembers(db: Reader): Promise<UserRow[]> {
  return db.all<UserRow>(`SELECT ${COLUMNS} FROM users WHERE role IS NOT NULL ORDER BY role, id`);
}

export function userByDepositReference(db: Reader, reference: string): Promise<UserRow | undefined> {
  return db.one<UserRow>(`SELECT ${COLUMNS} FROM users WHERE deposit_reference = ?`, [reference]);
}

/** Adds a holder; false when the e-mail address has an account already. */
export async function insertUser(tx: Writer, user: UserRow & { emailKey: string }): Promise<boolean> {
  const added = await tx.run(
    `INSERT INTO users (id, email, email_key, display_name, phone, password_hash, role, deposit_reference,
      notify_received, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING`,
    [
      user.id,
      user.email,
      user.emailKey,
      user.displayName,
      user.phone,
      user.passwordHash,
      user.role,
      user.depositReference,
      user.notifyReceived,
      user.createdAt,
    ],
  );
  return added > 0;
}

/** How many members of staff there are. */
export async function countStaff(db: Reader): Promise<bigint> {
  const row = await db.one<{ count: bigint }>('SELECT COUNT(*) AS count FROM users WHERE role IS NOT NULL');
  return row?.count ?? 0n;
}

/** Gives a role, or with null ends it. */
export async function setRole(tx: Writer, user: string, role: string | null): Promise<void> {
  await tx.run('UPDATE users SET role = ? WHERE id = ?', [role, user]);
}
