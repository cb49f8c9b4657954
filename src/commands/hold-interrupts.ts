import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';

/** How long an answer is waited for after Ctrl-C, in milliseconds. */
const GRACE_MS = 5_000;

/** What Ctrl-C and SIGTERM mean to a command that moves money. */
export type HeldInterrupts = {
  readonly caught: () => boolean;
  /** Waits for what comes before a call leaves. Throws `interrupted` at Ctrl-C: nothing has happened. */
  readonly beforeLeaving: <T>(work: Promise<T>) => Promise<T>;
  /** Waits for a call that has left, after Ctrl-C a moment longer. Throws `outcome_unknown` when that is not enough. */
  readonly whileOut: <T>(work: Promise<T>) => Promise<T>;
};

/** Takes Ctrl-C over. A second one ends the command at once, and the journal keeps what has left. */
export function holdInterrupts({ onInterrupt, show }: Pick<Context, 'onInterrupt' | 'show'>): HeldInterrupts {
  let caught = false;
  const { promise: pressed, resolve } = Promise.withResolvers<void>();
  onInterrupt(() => {
    caught = true;
    resolve();
  });
  const refused = async (): Promise<never> => {
    await pressed;
    throw new Refusal('interrupted');
  };
  return {
    caught: () => caught,
    beforeLeaving: (work) => Promise.race([work, refused()]),
    whileOut: async (work) => {
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise<never>((_, reject) => {
        void pressed.then(() => {
          show.note('It has already left: waiting a moment for the answer. Ctrl-C again ends at once.');
          timer = setTimeout(() => reject(new Refusal('outcome_unknown')), GRACE_MS);
        });
      });
      try {
        return await Promise.race([work, patience]);
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
