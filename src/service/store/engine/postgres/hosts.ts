import { Refusal } from '../../../../core/contract/refusals.ts';
import { connectFailureOf, isBroken } from './failures.ts';

/** A connection, and to which of the hosts it leads. */
export type Led = { readonly leadsTo: number; readonly cut: () => void };

/** Which of several hosts takes writes: a primary, or the one that took its place. */
export type Hosts = {
  /** The number of the host to connect to. */
  readonly current: () => number;
  /** Connects to the first host that will have us, beginning with the one that did last; each is tried once. */
  readonly onAny: <T>(connect: () => Promise<T>) => Promise<T>;
  /**
   * Says that the host of this connection answers and takes writes; whether the connection may be used. When it was
   * another host before, that one is not the primary any more, even if it answers again: the connections to it are cut,
   * and one that was still being made is not used.
   */
  readonly accept: (client: Led) => boolean;
  /** Says that a connection has ended. */
  readonly ended: (client: Led) => void;
};

export function makeHosts(count: number): Hosts {
  let next = 0;
  let good: number | undefined;
  const open = new Set<Led>();
  return {
    current: () => next % count,
    onAny: async (connect) => {
      for (let tries = 1; ; tries++) {
        const tried = next;
        try {
          return await connect();
        } catch (error) {
          if (!isBroken(error) && !(error instanceof Refusal && error.code === 'service_unreachable'))
            throw connectFailureOf(error);
          if (next === tried) next += 1;
          if (tries >= count) throw connectFailureOf(error);
        }
      }
    },
    accept: (client) => {
      if (client.leadsTo !== next % count) return false;
      open.add(client);
      if (client.leadsTo !== good)
        for (const other of open) if (other.leadsTo !== client.leadsTo) other.cut();
      good = client.leadsTo;
      return true;
    },
    ended: (client) => void open.delete(client),
  };
}
