import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { insertNote } from '../../store/notes.ts';
import { checkNotOwn } from '../../support/find-case.ts';
import type { UseCase } from '../use-case.ts';

/** Writes a note about an account, which only staff read and nobody changes. Throws `not_found`, `staff_self`. */
export const addNote: UseCase<'add-note'> = async (deps, actor, { holder: who, text, reason }) => {
  const holder = await findHolder(deps.engine, who);
  checkNotOwn(actor.user, holder.id);
  const note = {
    id: deps.newId('note'),
    userId: holder.id,
    author: actor.user,
    text,
    createdAt: timestamp(deps.now()),
  };
  await deps.engine.transact(async (tx) => {
    await insertNote(tx, note);
    await record(tx, deps, actor, { action: 'note-added', subject: holder.id, object: note.id, reason });
  });
  return { id: note.id, at: note.createdAt, by: { id: actor.user, name: actor.displayName }, text };
};
