import type { Answer } from './sender.ts';

/** How the requests of one operation ended: how often `done`, and how often under which code or status. */
export type Endings = Readonly<Record<string, number>>;

export type Tally = {
  readonly add: (operation: string, answer: Answer) => void;
  readonly sent: () => number;
  /** How many answers there were of each class, such as `2xx`; `none` is no answer. */
  readonly classes: () => Endings;
  readonly operations: () => Readonly<Record<string, Endings>>;
};

/** Counts how requests end. */
export function makeTally(): Tally {
  const classes = new Map<string, number>();
  const operations = new Map<string, Map<string, number>>();
  const count = (of: Map<string, number>, name: string) => of.set(name, (of.get(name) ?? 0) + 1);
  return {
    add: (operation, answer) => {
      count(classes, 'failed' in answer ? 'none' : `${Math.floor(answer.status / 100)}xx`);
      const endings = operations.get(operation) ?? new Map<string, number>();
      operations.set(operation, count(endings, endingOf(answer)));
    },
    sent: () => [...classes.values()].reduce((sum, each) => sum + each, 0),
    classes: () => Object.fromEntries([...classes].sort()),
    operations: () =>
      Object.fromEntries(
        [...operations].sort().map(([name, endings]) => [name, Object.fromEntries(endings)]),
      ),
  };
}

function endingOf(answer: Answer): string {
  if ('failed' in answer) return answer.failed;
  if (answer.status < 300) return 'done';
  return /"code":"(\w+)"/.exec(answer.text)?.[1] ?? String(answer.status);
}

/** One line on an operation: how many requests there were, the share that was done, and what most others ended with. */
export function describeEndings(name: string, endings: Endings): string {
  const all = Object.entries(endings).sort(([, one], [, other]) => other - one);
  const sent = all.reduce((sum, [, times]) => sum + times, 0);
  const share = (times: number) => `${((times / sent) * 100).toFixed(1)} %`;
  const others = all.filter(([ending]) => ending !== 'done').slice(0, 4);
  const rest = others.map(([ending, times]) => `${ending} ${share(times)}`).join(', ');
  return `${name.padEnd(25)} ${String(sent).padStart(6)} ${share(endings['done'] ?? 0).padStart(7)} done, ${rest}`;
}
