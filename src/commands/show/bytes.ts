const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size for people, in powers of 1,000 as disks are sold: `24.1 MB`. */
export function showBytes(bytes: number): string {
  const power = Math.min(UNITS.length - 1, bytes < 1 ? 0 : Math.floor(Math.log10(bytes) / 3));
  return power === 0 ? `${bytes} bytes` : `${(bytes / 1_000 ** power).toFixed(1)} ${UNITS[power]}`;
}

/** A count for people: `1,234,567`. */
export function showCount(count: number): string {
  return count.toLocaleString('en-US');
}
