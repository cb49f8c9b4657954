import type { DatabaseStatus } from '../../core/maintenance.ts';
import { countContents } from '../store/contents.ts';
import type { Caretaker } from '../store/engine/caretaker.ts';
import { onSnapshot } from './on-snapshot.ts';

/** How a database stands; what is in it is counted when it has our newest schema. */
export async function databaseStatus(caretaker: Caretaker): Promise<DatabaseStatus> {
  const { engine, place, known } = caretaker;
  const { version, product, bytes, walBytes, heldBy } = await caretaker.look();
  const state = stateOf(version, known);
  return {
    engine,
    place,
    state,
    schema: { found: version, known },
    product,
    bytes,
    ...(walBytes === undefined ? {} : { walBytes }),
    ...(heldBy === undefined ? {} : { heldBy }),
    ...(state === 'current' ? await onSnapshot(caretaker, countContents) : {}),
  };
}

/** What a schema is to this program; 0 steps are none. */
export function stateOf(version: number, known: number): DatabaseStatus['state'] {
  if (version === 0) return 'absent';
  if (version === known) return 'current';
  return version < known ? 'older' : 'newer';
}
