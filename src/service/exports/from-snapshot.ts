import type { Engine, Reader } from '../store/engine/engine.ts';

/**
 * What `read` makes of the database as it is when the first piece is asked for, in pieces. Nothing is read ahead of who
 * reads it, so memory stays flat however much there is and however slow the reader.
 */
export async function* fromSnapshot(
  engine: Pick<Engine, 'openSnapshot'>,
  read: (db: Reader) => AsyncIterable<string>,
): AsyncGenerator<string> {
  const snapshot = await engine.openSnapshot();
  try {
    yield* read(snapshot);
  } finally {
    await snapshot.close();
  }
}
