import type { Caretaker } from '../store/engine/caretaker.ts';
import type { Reader } from '../store/engine/engine.ts';

/** Reads one moment of a database. */
export async function onSnapshot<T>(caretaker: Caretaker, read: (db: Reader) => Promise<T>): Promise<T> {
  const snapshot = await caretaker.openSnapshot();
  try {
    return await read(snapshot);
  } finally {
    await snapshot.close();
  }
}
