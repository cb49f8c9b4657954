import type { OperationName } from '../contract/operations.ts';

/** One call of one operation, the same whether it crosses a network or not. */
export type Call = {
  readonly operation: OperationName;
  /** Checked against the operation's schema where it is performed. */
  readonly input: unknown;
  /** Session or API token, when the caller has one. */
  readonly token?: string;
  /** The Idempotency-Key of a call that moves money. */
  readonly key?: string;
  /** The bytes of an operation that takes a stream. */
  readonly body?: AsyncIterable<Uint8Array>;
};

/** What comes back: an output as the operation's schema says, or a stream of text. */
export type Answer = { readonly output: unknown } | { readonly text: AsyncIterable<string> };

/**
 * Takes a call to a service and brings the answer back. Throws a Refusal for every expected outcome that is not done:
 * `service_unreachable` when nothing can have happened, `outcome_unknown` when nobody can know.
 */
export type Transport = {
  readonly call: (call: Call) => Promise<Answer>;
  readonly close: () => Promise<void>;
  /** Where calls go, for people: a URL, or the path of the database file. */
  readonly place: string;
};
