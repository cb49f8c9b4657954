import { Refusal } from '../core/contract/refusals.ts';

/** What Ctrl-C does to a run. */
export type Interrupts = {
  /** Rejects with `interrupted` at the first Ctrl-C, unless a command has taken it over. */
  readonly interrupted: Promise<never>;
  /** From now on Ctrl-C and SIGTERM call `handler` instead, once. */
  readonly onInterrupt: (handler: () => void) => void;
  /** Stops listening. */
  readonly end: () => void;
};

/** Listens to the signals of this process. The second Ctrl-C always ends it, whoever has taken over the first. */
export function makeInterrupts(signals: NodeJS.Process): Interrupts {
  let caught = false;
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  let handler = () => reject(new Refusal('interrupted'));
  const onSignal = () => {
    if (caught) signals.exit(130);
    caught = true;
    handler();
  };
  signals.on('SIGINT', onSignal);
  return {
    interrupted: promise,
    onInterrupt: (wanted) => {
      handler = wanted;
      signals.on('SIGTERM', onSignal);
    },
    end: () => {
      signals.off('SIGINT', onSignal);
      signals.off('SIGTERM', onSignal);
    },
  };
}
