/** An event as it is handed to whoever does it. */
export type ClaimedEvent = { id: string; kind: string; payload: string; runAt: string; attempts: bigint };

/** Which events a node asks for. */
export type ClaimRequest = {
  /** Whose they are until the lease ends: a name no other process has. */
  readonly by: string;
  /** What their ids begin with: `mal_`, or nothing for all. */
  readonly prefix: string;
  /** Due are those whose `runAt` is not after this, in RFC 3339. */
  readonly now: string;
  readonly limit: number;
  readonly leaseMs: number;
};

/**
 * Who does which work, when several nodes see the same. A lease ends by the database's clock, so that a node whose own
 * clock is wrong takes nothing from others; a node that dies loses what it claimed when the lease ends. Asking again
 * for what is one's own gives it again. On SQLite the lock of the file is the lease: one process works on it at a time,
 * and nothing is written.
 */
export type Claims = {
  /** The first due events that nobody else has claimed, in order of their ids; claimed for this node from now on. */
  readonly claimEvents: (request: ClaimRequest) => Promise<ClaimedEvent[]>;
  /** Makes the leases of those that are still this node's last so long from now. */
  readonly renewEvents: (by: string, ids: readonly string[], leaseMs: number) => Promise<void>;
  /** Lets others have what this node claimed and did not do. */
  readonly giveBackEvents: (by: string, ids: readonly string[]) => Promise<void>;
  /** Takes, or keeps, a piece of work that has a name; whether it is this node's now. */
  readonly claimWork: (name: string, by: string, leaseMs: number) => Promise<boolean>;
  /** Lets others have all the work this node took by name. */
  readonly giveBackWork: (by: string) => Promise<void>;
};
