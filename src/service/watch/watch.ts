/** A request as it came; nothing in it is of the caller. */
export type RequestFacts = {
  /** The operation, or the name of a page: `create-transfer`, `healthz`, `unknown`. */
  readonly operation: string;
  readonly method: string;
  /** The route with its places: `/v1/transfers/{transfer}`. */
  readonly route: string;
  /** The id of this request. */
  readonly id: string;
  /** The W3C trace context that came with it, whoever wrote it. */
  readonly traceparent: string | undefined;
};

/** How a request ended: its HTTP status, and `done` or the code of the refusal. */
export type RequestEnd = { readonly status: number; readonly code: string };

/** A batch of intents that shared a commit, or tried to. Instants are those of performance.now(), in milliseconds. */
export type BatchFacts = {
  /** `key owner` of each intent. */
  readonly keys: readonly string[];
  readonly size: number;
  readonly refused: number;
  /** How many transfers of each kind were written. */
  readonly transfers: ReadonlyMap<string, number>;
  /** When it asked for its turn, when it got it, when it was decided and handed over, and when the commit was answered. */
  readonly askedAt: number;
  readonly begunAt: number;
  readonly decidedAt: number;
  readonly endedAt: number;
  readonly outcome: 'done' | 'failed' | 'unknown';
};

/** Sees what the service does, to count it or to trace it. A hook around work runs it and hands on what comes of it. */
export type Watch = {
  /** `end` says how a response ended. */
  readonly request: <R>(
    facts: RequestFacts,
    work: () => Promise<R>,
    end: (response: R) => RequestEnd,
  ) => Promise<R>;
  readonly useCase: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
  /** One intent, from when it is handed to the poster until its outcome is known. `key` as in BatchFacts. */
  readonly post: <T>(key: string, work: () => Promise<T>) => Promise<T>;
  readonly batch: (facts: BatchFacts) => void;
};

/** What identifies an intent to those who watch. */
export function keyOf({ owner, key }: { readonly owner: string; readonly key: string }): string {
  return `${key} ${owner}`;
}

/** Several who watch as one; the first is on the outside. */
export function together([first, ...rest]: readonly [Watch, ...Watch[]]): Watch {
  const [next, ...others] = rest;
  if (!next) return first;
  const inner = together([next, ...others]);
  return {
    request: (facts, work, end) => first.request(facts, () => inner.request(facts, work, end), end),
    useCase: (operation, work) => first.useCase(operation, () => inner.useCase(operation, work)),
    post: (key, work) => first.post(key, () => inner.post(key, work)),
    batch: (facts) => {
      first.batch(facts);
      inner.batch(facts);
    },
  };
}
