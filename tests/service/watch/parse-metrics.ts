export type Sample = {
  readonly name: string;
  readonly labels: Record<string, string>;
  readonly value: number;
};

/**
 * Reads Prometheus' text format 0.0.4, strictly: every sample belongs to a family that was announced by HELP and TYPE
 * just before, once, and no series comes twice (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
export function parseMetrics(text: string): Sample[] {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const samples: Sample[] = [];
  const seen = new Set<string>();
  const families = new Set<string>();
  let family = { name: '', type: '' };
  const lines = text.slice(0, -1).split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const help = /^# HELP ([a-z_][a-z0-9_]*) \S/.exec(line);
    if (help) {
      const type = new RegExp(`^# TYPE ${help[1]} (counter|gauge|histogram)$`).exec(lines[(at += 1)] ?? '');
      if (!type || families.has(help[1] ?? ''))
        throw new Error(`not announced once and with its type: ${line}`);
      family = { name: help[1] ?? '', type: type[1] ?? '' };
      families.add(family.name);
      if (family.type === 'counter' && !family.name.endsWith('_total')) throw new Error(`a counter: ${line}`);
      continue;
    }
    const found = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    const ends = family.type === 'histogram' ? '_(bucket|sum|count)' : '';
    if (
      !found ||
      !new RegExp(`^${family.name}${ends}$`).test(found[1] ?? '') ||
      seen.has(`${found[1]}{${found[2]}}`)
    )
      throw new Error(`no sample of ${family.name}: ${line}`);
    seen.add(`${found[1]}{${found[2]}}`);
    const value = found[3] === '+Inf' ? Infinity : Number(found[3]);
    if (Number.isNaN(value) && found[3] !== 'NaN') throw new Error(`no number: ${line}`);
    samples.push({ name: found[1] ?? '', labels: parseLabels(found[2] ?? ''), value });
  }
  return samples;
}

function parseLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  const one = /([a-z_]+)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/y;
  while (one.lastIndex < text.length) {
    const found = one.exec(text);
    if (!found) throw new Error(`no labels: ${text}`);
    labels[found[1] ?? ''] = (found[2] ?? '').replace(/\\(.)/g, (_, letter) =>
      letter === 'n' ? '\n' : letter,
    );
  }
  return labels;
}
