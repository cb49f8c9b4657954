import type { Output } from '../../core/contract/operations.ts';
import type { Reader } from '../store/engine/engine.ts';
import type { NoteRow } from '../store/notes.ts';
import { colleaguesOf } from './colleagues.ts';

/** Notes as staff see them, with who wrote each. */
export async function describeNotes(db: Reader, notes: readonly NoteRow[]): Promise<Output<'add-note'>[]> {
  const colleague = await colleaguesOf(
    db,
    notes.map(({ author }) => author),
  );
  return notes.map(({ id, author, text, createdAt: at }) => ({ id, at, by: colleague(author), text }));
}
