import { Refusal } from '../../../core/contract/refusals.ts';

/**
 * Blows when something has come to light after which this process must do nothing more with its database: an invariant
 * is broken, or nobody can know what a commit did. It stays blown: only a new process begins anew.
 */
export type Fuse = {
  readonly blow: (why: Error) => void;
  readonly isBlown: () => boolean;
  /** Throws `service_stopping` once it has blown: what asks then has not happened. */
  readonly check: () => void;
  /** Gives why, when it blows. */
  readonly blown: Promise<Error>;
};

/** A whole fuse. */
export function makeFuse(): Fuse {
  const { promise: blown, resolve } = Promise.withResolvers<Error>();
  let isBlown = false;
  return {
    blow: (why) => {
      isBlown = true;
      resolve(why);
    },
    isBlown: () => isBlown,
    check: () => {
      if (isBlown) throw new Refusal('service_stopping');
    },
    blown,
  };
}
