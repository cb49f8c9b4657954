import type { Reader, Writer } from './engine/engine.ts';

/** A mail that went out. `userId` is null for who has no account; `address` is masked. */
export type SentMailRow = {
  /** Made when it was sent, so that they sort by that. */
  id: string;
  userId: string | null;
  kind: string;
  subject: string;
  address: string;
  /** The id of what asked for it, which is in its Message-ID. */
  event: string;
  proofHash: string;
  sentAt: string;
};

const COLUMNS = `id, user_id AS "userId", kind, subject, address, event, proof_hash AS "proofHash", sent_at AS "sentAt"`;

/** Rows written by one statement. */
const TOGETHER = 25;

/** Keeps that mails went out; one that went out again, after a crash, is kept once. */
export async function insertSentMails(tx: Writer, mails: readonly SentMailRow[]): Promise<void> {
  for (let at = 0; at < mails.length; at += TOGETHER) {
    const some = mails.slice(at, at + TOGETHER);
    await tx.run(
      `INSERT INTO sent_mails (id, user_id, kind, subject, address, event, proof_hash, sent_at)
        VALUES ${some.map(() => '(?, ?, ?, ?, ?, ?, ?, ?)').join(', ')} ON CONFLICT (proof_hash) DO NOTHING`,
      some.flatMap((mail) => [
        mail.id,
        mail.userId,
        mail.kind,
        mail.subject,
        mail.address,
        mail.event,
        mail.proofHash,
        mail.sentAt,
      ]),
    );
  }
}

export function sentMailByProof(db: Reader, proofHash: string): Promise<SentMailRow | undefined> {
  return db.one<SentMailRow>(`SELECT ${COLUMNS} FROM sent_mails WHERE proof_hash = ?`, [proofHash]);
}

/** Mails to a holder whose ids are from `from` on and before `before`, newest first. */
export function sentMailsOf(
  db: Reader,
  user: string,
  { from, before, limit }: { readonly from: string; readonly before: string; readonly limit: number },
): Promise<SentMailRow[]> {
  return db.all<SentMailRow>(
    `SELECT ${COLUMNS} FROM sent_mails WHERE user_id = ? AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?`,
    [user, from, before, limit],
  );
}
