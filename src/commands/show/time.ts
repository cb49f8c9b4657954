const MINUTE_MS = 60_000;
/** The longest distance each unit is used for, and the unit's length, in milliseconds. */
const UNITS = [
  ['second', 1_000, MINUTE_MS],
  ['minute', MINUTE_MS, 60 * MINUTE_MS],
  ['hour', 60 * MINUTE_MS, 48 * 60 * MINUTE_MS],
  ['day', 24 * 60 * MINUTE_MS, 60 * 24 * 60 * MINUTE_MS],
] as const;

/**
 * An RFC 3339 time for people, in the local zone and with its offset: `2026-11-23 14:05 +01:00 (4 minutes ago)`.
 * The distance is left out from two months on. `nowMs` is Unix milliseconds.
 */
export function showTime(time: string, nowMs: number): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return '?';
  const distance = distanceOf(at.getTime() - nowMs);
  return `${minuteOf(at)} ${offsetOf(at)}${distance === undefined ? '' : ` (${distance})`}`;
}

/** An RFC 3339 time as the local clock has it, to the minute: `2026-11-23 14:05`. */
export function showShortTime(time: string): string {
  const at = new Date(time);
  return Number.isNaN(at.getTime()) ? '?' : minuteOf(at);
}

function minuteOf(at: Date): string {
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

function distanceOf(differenceMs: number): string | undefined {
  const away = Math.abs(differenceMs);
  if (away < 1_000) return 'now';
  const unit = UNITS.find(([, , upTo]) => away < upTo);
  if (!unit) return undefined;
  const count = Math.round(away / unit[1]);
  const words = `${count} ${unit[0]}${count === 1 ? '' : 's'}`;
  return differenceMs < 0 ? `${words} ago` : `in ${words}`;
}

function offsetOf(at: Date): string {
  const minutes = -at.getTimezoneOffset();
  const away = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(away / 60))}:${two(away % 60)}`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
