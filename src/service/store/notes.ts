import type { Reader, Writer } from './engine/engine.ts';
import { allOf } from './lists.ts';

/** What staff wrote about an account. Nothing changes or deletes one. */
export type NoteRow = { id: string; userId: string; author: string; text: string; createdAt: string };

const COLUMNS = `id, user_id AS "userId", author, text, created_at AS "createdAt"`;

export async function insertNote(tx: Writer, note: NoteRow): Promise<void> {
  await tx.run('INSERT INTO notes (id, user_id, author, text, created_at) VALUES (?, ?, ?, ?, ?)', [
    note.id,
    note.userId,
    note.author,
    note.text,
    note.createdAt,
  ]);
}

/** The newest notes about a holder, newest first. */
export function notesOf(db: Reader, user: string, limit: number): Promise<NoteRow[]> {
  return db.all<NoteRow>(`SELECT ${COLUMNS} FROM notes WHERE user_id = ? ORDER BY id DESC LIMIT ?`, [
    user,
    limit,
  ]);
}

/** The notes with these ids, in no order. */
export function notesByIds(db: Reader, ids: readonly string[]): Promise<NoteRow[]> {
  return allOf(db, ids, (places) => `SELECT ${COLUMNS} FROM notes WHERE id IN (${places})`);
}
