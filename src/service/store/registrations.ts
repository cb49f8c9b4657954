import type { Reader, Writer } from './engine/engine.ts';

/** An account that waits for its e-mail address to be verified. It can neither log in nor be paid. */
export type RegistrationRow = {
  id: string;
  email: string;
  emailKey: string;
  displayName: string;
  phone: string | null;
  passwordHash: string;
  /** Hashes of the code and of the link token of the newest mail. */
  codeHash: string;
  linkHash: string;
  /** Wrong codes typed since that mail. */
  attempts: bigint;
  mails: bigint;
  /** When the newest mail ends to be good. */
  expiresAt: string;
  createdAt: string;
};

const COLUMNS = `id, email, email_key AS "emailKey", display_name AS "displayName", phone,
  password_hash AS "passwordHash", code_hash AS "codeHash", link_hash AS "linkHash", attempts, mails,
  expires_at AS "expiresAt", created_at AS "createdAt"`;

export function registrationById(db: Reader, id: string): Promise<RegistrationRow | undefined> {
  return db.one<RegistrationRow>(`SELECT ${COLUMNS} FROM registrations WHERE id = ?`, [id]);
}

export function registrationByLink(db: Reader, linkHash: string): Promise<RegistrationRow | undefined> {
  return db.one<RegistrationRow>(`SELECT ${COLUMNS} FROM registrations WHERE link_hash = ?`, [linkHash]);
}

/** The hashes of the passwords chosen in the newest registrations of an address, newest first. */
export async function registeredPasswords(db: Reader, emailKey: string, limit: number): Promise<string[]> {
  const rows = await db.all<{ hash: string }>(
    'SELECT password_hash AS hash FROM registrations WHERE email_key = ? ORDER BY id DESC LIMIT ?',
    [emailKey, limit],
  );
  return rows.map(({ hash }) => hash);
}

export async function insertRegistration(
  tx: Writer,
  registration: Omit<RegistrationRow, 'attempts' | 'mails'>,
): Promise<void> {
  await tx.run(
    `INSERT INTO registrations (id, email, email_key, display_name, phone, password_hash, code_hash, link_hash,
      expires_at, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      registration.id,
      registration.email,
      registration.emailKey,
      registration.displayName,
      registration.phone,
      registration.passwordHash,
      registration.codeHash,
      registration.linkHash,
      registration.expiresAt,
      registration.createdAt,
    ],
  );
}

/** Counts one try of a code; false when there is no registration or it has no tries left. */
export async function countAttempt(tx: Writer, id: string, most: number): Promise<boolean> {
  const sql = 'UPDATE registrations SET attempts = attempts + 1 WHERE id = ? AND attempts < ?';
  return (await tx.run(sql, [id, most])) > 0;
}

/** Puts a new mail in the place of the last one, whose code and link end here; false when there were enough mails. */
export async function renewMail(
  tx: Writer,
  mail: { id: string; codeHash: string; linkHash: string; expiresAt: string },
  most: number,
): Promise<boolean> {
  const sql = `UPDATE registrations SET code_hash = ?, link_hash = ?, expires_at = ?, attempts = 0, mails = mails + 1
    WHERE id = ? AND mails < ?`;
  return (await tx.run(sql, [mail.codeHash, mail.linkHash, mail.expiresAt, mail.id, most])) > 0;
}

/**
 * Ends the codes and links of all registrations of an address. The rows stay until they are old: what their owner is
 * told must not change with what became of the address.
 */
export async function spendRegistrations(tx: Writer, emailKey: string): Promise<void> {
  const sql = `UPDATE registrations SET code_hash = '', link_hash = 'spent ' || id WHERE email_key = ?`;
  await tx.run(sql, [emailKey]);
}

/** Deletes the registrations that an account was made of: those of its address with its password. */
export async function deleteOwnRegistrations(
  tx: Writer,
  emailKey: string,
  passwordHash: string,
): Promise<void> {
  await tx.run('DELETE FROM registrations WHERE email_key = ? AND password_hash = ?', [
    emailKey,
    passwordHash,
  ]);
}

/** Deletes the oldest registrations made before an instant, at most so many at once: ids sort by time. */
export async function deleteOldRegistrations(tx: Writer, before: string, most: number): Promise<void> {
  const oldest = await tx.all<{ id: string; createdAt: string }>(
    'SELECT id, created_at AS "createdAt" FROM registrations ORDER BY id LIMIT ?',
    [most],
  );
  for (const { id, createdAt } of oldest) {
    if (createdAt < before) await tx.run('DELETE FROM registrations WHERE id = ?', [id]);
  }
}
