/**
 * Does something when all that came in this turn of the event loop has been looked at, so that many calls share it. What
 * comes of that in the same turn is gathered once more, before the next turn: a call that has several things to do
 * together with others waits for one turn, and not for one after each.
 */
export type AtEndOfTurn = (work: () => void) => void;

/** So often is gathered in one turn; a caller that always wants more would let nobody else have theirs. */
const MOST_ROUNDS = 4;

export function makeTurns(): AtEndOfTurn {
  /** How much still runs, or waits to, of what the end of this turn brought about; and how often it was gathered. */
  let open = 0;
  let round = 0;
  const run = (work: () => void, at: number): void => {
    round = at;
    work();
    // A tick that is asked for among microtasks comes when none is left.
    queueMicrotask(() => process.nextTick(() => (open -= 1)));
  };
  return (work) => {
    if (open === 0 || round >= MOST_ROUNDS) {
      setImmediate(() => {
        open += 1;
        run(work, 1);
      });
    } else {
      open += 1;
      process.nextTick(run, work, round + 1);
    }
  };
}
