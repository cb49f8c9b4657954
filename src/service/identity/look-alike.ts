/**
 * Whether two e-mail addresses are different but easily taken for each other: one or two typing slips apart (only one in
 * a short name, where two slips make any other name), or the same once characters that look alike are folded together
 * (after Unicode TR 39, for what addresses can contain).
 */
export function looksAlike(one: string, other: string): boolean {
  const [first, second] = [one.toLowerCase(), other.toLowerCase()];
  if (first === second) return false;
  if (skeletonOf(first) === skeletonOf(second)) return true;
  const [firstName, firstDomain] = split(first);
  const [secondName, secondDomain] = split(second);
  const slips = distance(firstName, secondName);
  const allowed = Math.min(firstName.length, secondName.length) < SHORT_NAME ? 1 : 2;
  return slips <= allowed && slips + distance(firstDomain, secondDomain) <= 2;
}

/** Names below this length are whole other names after two slips: Bob is not Zoe. */
const SHORT_NAME = 5;

const LOOKS_LIKE: readonly (readonly [RegExp, string])[] = [
  // Whole names in these scripts can pass for Latin ones.
  ...letters('абсԁеցһіјӏорԛѕуѵԝхҝ', 'abcdeghijlopqsyvwxk'),
  ...letters('αικνορτυχ', 'aikvoptux'),
  [/rn/g, 'm'],
  [/vv/g, 'w'],
  [/[1il|]/g, 'l'],
  [/0/g, 'o'],
  [/[5$]/g, 's'],
  [/[._-]/g, ''],
];

function letters(from: string, to: string): [RegExp, string][] {
  return Array.from(from).map((letter, at) => [new RegExp(letter, 'gu'), to.charAt(at)]);
}

function skeletonOf(address: string): string {
  return LOOKS_LIKE.reduce((text, [from, to]) => text.replace(from, to), address);
}

function split(address: string): [string, string] {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
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
