/**
 * Does something when all that came in this turn of the event loop has been looked at, so that many calls share it. What
 * comes of that in the same turn is gathered once more, before the next turn: a call that has several things to do
 * together with others waits for one turn, and not for one after each.
 */
export type AtEndOfTurn = (work: () => void) => void;

export function makeTurns(): AtEndOfTurn {
  /** How much still runs, or waits to, of what the end of this turn brought about. */
  let open = 0;
  const run = (work: () => void): void => {
    work();
    // A tick that is asked for among microtasks comes when none is left.
    queueMicrotask(() => process.nextTick(() => (open -= 1)));
  };
  return (work) => {
    if (open === 0) setImmediate(() => ((open += 1), run(work)));
    else process.nextTick(run, work, (open += 1));
  };
}
