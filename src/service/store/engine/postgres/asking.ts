import type pg from 'pg';
import type { OwnClient } from './connections.ts';
import { isBroken } from './failures.ts';

export type Asking = {
  /** The answer to a question, which shares a trip to the server with others of the same turn of the event loop. */
  readonly ask: (put: (client: pg.ClientBase) => Promise<pg.QueryResult>) => Promise<pg.QueryResult>;
  readonly close: () => Promise<void>;
};

/**
 * One connection on which questions follow each other without waiting for answers. It is opened when it is needed, and
 * again after it broke. Throws what the question does, and that the connection is broken: another may be asked then.
 */
export function makeAsking(open: () => Promise<OwnClient>): Asking {
  let client: Promise<OwnClient> | undefined;
  const connect = (): Promise<OwnClient> => {
    const opening = open();
    const drop = (): void => {
      if (client === opening) client = undefined;
    };
    opening.then((opened) => void opened.once('end', drop), drop);
    return opening;
  };
  return {
    ask: async (put) => {
      const on = await (client ??= connect());
      on.together();
      try {
        return await put(on);
      } catch (error) {
        if (isBroken(error)) on.cut();
        throw error;
      }
    },
    close: async () => {
      await (await client?.catch(() => undefined))?.end();
    },
  };
}
