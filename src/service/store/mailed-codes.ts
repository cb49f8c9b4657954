import type { Reader, Writer } from './engine/engine.ts';

/** A code that was mailed for one purpose. `userId` is null when the address has no account: then nothing was mailed. */
export type MailedCodeRow = {
  id: string;
  purpose: string;
  emailKey: string;
  userId: string | null;
  /** JSON: what is to happen when the code comes back. */
  details: string | null;
  codeHash: string;
  linkHash: string;
  expiresAt: string;
  createdAt: string;
};

const COLUMNS = `id, purpose, email_key AS "emailKey", user_id AS "userId", details, code_hash AS "codeHash",
  link_hash AS "linkHash", expires_at AS "expiresAt", created_at AS "createdAt"`;

export function mailedCodeById(db: Reader, id: string): Promise<MailedCodeRow | undefined> {
  return db.one<MailedCodeRow>(`SELECT ${COLUMNS} FROM mailed_codes WHERE id = ?`, [id]);
}

export function mailedCodeByLink(db: Reader, linkHash: string): Promise<MailedCodeRow | undefined> {
  return db.one<MailedCodeRow>(`SELECT ${COLUMNS} FROM mailed_codes WHERE link_hash = ?`, [linkHash]);
}

export async function insertMailedCode(tx: Writer, code: MailedCodeRow): Promise<void> {
  await tx.run(
    `INSERT INTO mailed_codes (id, purpose, email_key, user_id, details, code_hash, link_hash, expires_at, created_at)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    [
      code.id,
      code.purpose,
      code.emailKey,
      code.userId,
      code.details,
      code.codeHash,
      code.linkHash,
      code.expiresAt,
      code.createdAt,
    ],
  );
}

/** Counts one try of a code; false when there is none or it has no tries left. */
export async function countMailedCodeTry(tx: Writer, id: string, most: number): Promise<boolean> {
  const sql = 'UPDATE mailed_codes SET attempts = attempts + 1 WHERE id = ? AND attempts < ?';
  return (await tx.run(sql, [id, most])) > 0;
}

/** Takes one counted try back. */
export async function giveTryBack(tx: Writer, id: string): Promise<void> {
  await tx.run('UPDATE mailed_codes SET attempts = attempts - 1 WHERE id = ?', [id]);
}

/** Ends every code of an address for one purpose. */
export async function deleteMailedCodes(tx: Writer, emailKey: string, purpose: string): Promise<void> {
  await tx.run('DELETE FROM mailed_codes WHERE email_key = ? AND purpose = ?', [emailKey, purpose]);
}

/** Deletes the oldest codes made before an instant, at most so many at once: ids sort by time. */
export async function deleteOldMailedCodes(tx: Writer, before: string, most: number): Promise<void> {
  const sql = `DELETE FROM mailed_codes WHERE created_at < ? AND id IN (SELECT id FROM mailed_codes ORDER BY id LIMIT ?)`;
  await tx.run(sql, [before, most]);
}
