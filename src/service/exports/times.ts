/** How the times of an export are written, from how they are stored (RFC 3339, UTC). */
export type WriteTime = (stored: string) => string;

/**
 * Times at one offset from UTC all through, such as `+02:00`, in ISO 8601; as they are stored without one. No zone: a
 * summer that begins in the middle of a table would give an hour twice.
 */
export function timesAt(offset: string | undefined): WriteTime {
  if (offset === undefined) return (stored) => stored;
  const ahead = offsetMs(offset);
  return (stored) => `${new Date(Date.parse(stored) + ahead).toISOString().slice(0, -1)}${offset}`;
}

function offsetMs(offset: string): number {
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000;
}
