import { Refusal } from '../../../core/contract/refusals.ts';
import type { Question, Row } from './engine.ts';
import type { AtEndOfTurn } from './turn.ts';

type Ask = (question: Question, keys: readonly string[]) => Promise<readonly Row[]>;
type Waiting = {
  readonly keys: readonly string[];
  readonly resolve: (rows: Row[]) => void;
  readonly reject: (error: unknown) => void;
};
type Queue = { waiting: Waiting[]; isAsking: boolean };

/** The most keys that one statement asks about, but for a single call that has more. */
const MOST_KEYS = 1_000;
/** How many calls may wait for one question before others are turned away (`busy`). */
const MOST_WAITING = 5_000;

/**
 * Asks for many calls at once: those that want the same kind of rows while an earlier statement is on its way, or in one
 * turn of the event loop, share the next one: a trip to the database costs more than all that is done with its answer.
 * Nobody is given what was read before they asked.
 * Throws `busy`, and what `ask` does.
 */
export function makeGather(
  ask: Ask,
  atEndOfTurn: AtEndOfTurn,
): (question: Question, keys: readonly string[]) => Promise<Row[]> {
  const queues = new Map<Question, Queue>();

  const flush = async (question: Question, queue: Queue): Promise<void> => {
    while (queue.waiting.length > 0) {
      const together = take(queue);
      const keys = new Set(together.flatMap((each) => each.keys));
      try {
        const found = byKey(await ask(question, [...keys]), question.key);
        for (const each of together)
          each.resolve([...new Set(each.keys)].flatMap((key) => found.get(key) ?? []));
      } catch (error) {
        // A server that nobody reaches would keep those who wait as long again.
        const isGone = error instanceof Refusal && error.code === 'service_unreachable';
        const others = isGone ? queue.waiting.splice(0) : [];
        for (const each of [...together, ...others]) each.reject(error);
      }
    }
    queue.isAsking = false;
  };

  return (question, keys) =>
    new Promise((resolve, reject) => {
      let queue = queues.get(question);
      if (!queue) queues.set(question, (queue = { waiting: [], isAsking: false }));
      if (queue.waiting.length >= MOST_WAITING) return reject(new Refusal('busy'));
      queue.waiting.push({ keys, resolve, reject });
      if (queue.isAsking) return;
      queue.isAsking = true;
      const asked = queue;
      atEndOfTurn(() => void flush(question, asked));
    });
}

function take(queue: Queue): Waiting[] {
  let keys = 0;
  let count = 0;
  for (const each of queue.waiting) {
    keys += each.keys.length;
    if (count > 0 && keys > MOST_KEYS) break;
    count += 1;
  }
  const together = queue.waiting.slice(0, count);
  queue.waiting = queue.waiting.slice(count);
  return together;
}

function byKey(rows: readonly Row[], column: string): Map<string, Row[]> {
  const found = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row[column]);
    const others = found.get(key);
    if (others) others.push(row);
    else found.set(key, [row]);
  }
  return found;
}

/** The SQL of questions, each made once: `are` says that a column has one of the keys. */
export function sqlOfQuestions(are: (column: string) => string): (question: Question) => string {
  const known = new Map<Question, string>();
  return (question) => {
    let sql = known.get(question);
    if (sql === undefined) known.set(question, (sql = question.sql(are)));
    return sql;
  };
}
