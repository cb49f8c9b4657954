/**
 * Whether two e-mail addresses are different but easily taken for each other: one or two typing slips apart, or the
 * same once characters that look alike are folded together (after Unicode TR 39, for what addresses can contain).
 */
export function looksAlike(one: string, other: string): boolean {
  if (one === other) return false;
  return skeletonOf(one) === skeletonOf(other) || distance(one, other) <= 2;
}

const LOOKS_LIKE: readonly (readonly [RegExp, string])[] = [
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[1il|]/g, 'l'],
  [/0/g, 'o'],
  [/[5$]/g, 's'],
  [/[._-]/g, ''],
];

function skeletonOf(address: string): string {
  return LOOKS_LIKE.reduce((text, [from, to]) => text.replace(from, to), address.toLowerCase());
}

/** Edits between two texts, counting a swap of neighbours as one (optimal string alignment); stops caring above 2. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > 2) return 3;
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const cost = one[i - 1] === other[j - 1] ? 0 : 1;
      let best = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1]) {
        best = Math.min(best, (beforeLast[j - 2] ?? 0) + 1);
      }
      row.push(best);
    }
    beforeLast = last;
    last = row;
  }
  return last[other.length] ?? 3;
}
