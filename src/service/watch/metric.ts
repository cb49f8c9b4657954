/** Label values of one series, in the order of the metric's label names. */
type Values = readonly string[];

/** One metric in Prometheus' text format 0.0.4: its help, its type and its samples. */
export type Metric = { readonly text: () => string };

export type Counter = Metric & { readonly add: (labels: Values, by?: number) => void };
export type Gauge = Metric & { readonly set: (labels: Values, value: number) => void };
export type Histogram = Metric & { readonly observe: (labels: Values, value: number) => void };

/**
 * What a metric is called and what it counts; names and labels as Prometheus' conventions ask
 * (https://prometheus.io/docs/practices/naming/). The values of labels come from lists of ours, never from a caller, so
 * that there are as many series as there are such values.
 */
export type About = { readonly name: string; readonly help: string; readonly labels?: readonly string[] };

/** A count that only grows. */
export function counter(about: About): Counter {
  const series = new Map<string, number>();
  return {
    add: (labels, by = 1) => {
      const key = labelText(about, labels);
      series.set(key, (series.get(key) ?? 0) + by);
    },
    text: () => textOf(about, 'counter', series),
  };
}

/** A figure as it stands. */
export function gauge(about: About): Gauge {
  const series = new Map<string, number>();
  return {
    set: (labels, value) => void series.set(labelText(about, labels), value),
    text: () => textOf(about, 'gauge', series),
  };
}

type Distribution = { readonly counts: number[]; sum: number; count: number };

/** How often a figure was at most each of `bounds`, which ascend. */
export function histogram(about: About, bounds: readonly number[]): Histogram {
  const series = new Map<string, Distribution>();
  const empty = (): Distribution => ({ counts: bounds.map(() => 0), sum: 0, count: 0 });
  // What has no labels is there from the start, so that its first rise is seen as one.
  if (!about.labels) series.set('', empty());
  return {
    observe: (labels, value) => {
      const key = labelText(about, labels);
      let found = series.get(key);
      if (!found) series.set(key, (found = empty()));
      const at = bounds.findIndex((bound) => value <= bound);
      if (at >= 0) found.counts[at] = (found.counts[at] ?? 0) + 1;
      found.sum += value;
      found.count += 1;
    },
    text: () => {
      const lines = [head(about, 'histogram')];
      for (const [key, { counts, sum, count }] of series) {
        const labels = key === '' ? '' : `${key},`;
        let below = 0;
        bounds.forEach((bound, at) => {
          below += counts[at] ?? 0;
          lines.push(`${about.name}_bucket{${labels}le="${bound}"} ${below}`);
        });
        const own = key === '' ? '' : `{${key}}`;
        lines.push(
          `${about.name}_bucket{${labels}le="+Inf"} ${count}`,
          `${about.name}_sum${own} ${sum}`,
          `${about.name}_count${own} ${count}`,
        );
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

function textOf(about: About, type: string, series: ReadonlyMap<string, number>): string {
  const lines = [...series].map(
    ([key, value]) => `${about.name}${key === '' ? '' : `{${key}}`} ${numberText(value)}`,
  );
  return `${[head(about, type), ...lines].join('\n')}\n`;
}

function head({ name, help }: About, type: string): string {
  return `# HELP ${name} ${help.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')}\n# TYPE ${name} ${type}`;
}

function labelText({ labels = [] }: About, values: Values): string {
  return labels.map((label, at) => `${label}="${escaped(values[at] ?? '')}"`).join(',');
}

function escaped(text: string): string {
  return /[\\"\n]/.test(text) ? text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n') : text;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value < 0 ? '-Inf' : '+Inf';
}
