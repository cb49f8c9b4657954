import { timestamp, type Deps } from '../deps.ts';
import type { OutboxRow } from '../store/outbox.ts';

/** This node's share of work that several nodes see. */
export type Share = {
  /** Due events that are this node's now: mails somebody waits for before everything else, oldest first. */
  readonly takeEvents: (limit: number) => Promise<OutboxRow[]>;
  /** Keeps what was taken for as long as `work` takes. */
  readonly keepWhile: <T>(work: () => Promise<T>) => Promise<T>;
  /** Says that it is written what became of these. */
  readonly letGo: (ids: readonly string[]) => void;
  /** Takes a piece of work that only one node should do at a time; whether it is this node's now. */
  readonly takeWork: (name: string) => Promise<boolean>;
  /** Gives back what was taken and not done, for a node that stops. One that dies loses it when the leases end. */
  readonly giveBack: () => Promise<void>;
};

/** The share of a new node, which takes work for `leaseMs` at a time. */
export function makeShare({ engine, now, random }: Deps, leaseMs: number): Share {
  const { claims } = engine;
  const by = `nod_${Buffer.from(random(12)).toString('base64url')}`;
  const mine = new Set<string>();
  let hasWork = false;
  return {
    takeEvents: async (limit) => {
      const request = { by, now: timestamp(now()), limit, leaseMs };
      const mails = await claims.claimEvents({ ...request, prefix: 'mal_' });
      const events = mails.length > 0 ? mails : await claims.claimEvents({ ...request, prefix: '' });
      for (const { id } of events) mine.add(id);
      return events;
    },
    keepWhile: async (work) => {
      const renewal = setInterval(() => {
        // What cannot be renewed is lost when its lease ends, and done twice at worst.
        claims.renewEvents(by, [...mine], leaseMs).catch(() => undefined);
      }, leaseMs / 3);
      renewal.unref();
      try {
        return await work();
      } finally {
        clearInterval(renewal);
      }
    },
    letGo: (ids) => {
      for (const id of ids) mine.delete(id);
    },
    takeWork: async (name) => {
      const taken = await claims.claimWork(name, by, leaseMs);
      hasWork ||= taken;
      return taken;
    },
    giveBack: async () => {
      if (mine.size > 0) await claims.giveBackEvents(by, [...mine]);
      if (hasWork) await claims.giveBackWork(by);
    },
  };
}
