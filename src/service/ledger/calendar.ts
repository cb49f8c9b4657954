/** A stretch of the calendar that something is counted in. */
export type Span = 'day' | 'month';

/** The day or month an instant (RFC 3339, UTC) is in, by its name: `2026-11-26`, `2026-11`. */
export function spanOf(at: string, per: Span): string {
  return at.slice(0, per === 'day' ? 10 : 7);
}

/** When the next day or month begins after an instant, in RFC 3339, UTC. */
export function endOfSpan(at: string, per: Span): string {
  const [year, month, day] = [at.slice(0, 4), at.slice(5, 7), at.slice(8, 10)].map(Number) as [
    number,
    number,
    number,
  ];
  return new Date(
    per === 'day' ? Date.UTC(year, month - 1, day + 1) : Date.UTC(year, month, 1),
  ).toISOString();
}
