import type { Actor, Deps } from '../deps.ts';
import { record, type RecordDraft } from './record.ts';

/** Records what staff looked at, before they get to see it: one record for each holder whose data it is. */
export async function recordLooks(
  deps: Pick<Deps, 'engine' | 'newId' | 'now'>,
  actor: Actor,
  looks: readonly RecordDraft[],
): Promise<void> {
  await deps.engine.transact(async (tx) => {
    for (const look of looks) await record(tx, deps, actor, look);
  });
}

/** One record for each of these holders; those that are nobody's are left out. */
export function looksAt(
  holders: readonly (string | null | undefined)[],
  look: Omit<RecordDraft, 'subject'>,
): RecordDraft[] {
  const named = holders.filter((holder): holder is string => typeof holder === 'string');
  return [...new Set(named)].map((subject) => ({ ...look, subject }));
}
