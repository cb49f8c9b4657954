import type { Difference, DifferenceKind } from './reconcile.ts';

const SENTENCES: Readonly<Record<DifferenceKind, (difference: Difference) => string>> = {
  opening: ({ day }) => `The bank had it before ${day}, the first day of the first statement.`,
  gap: ({ statement }) =>
    `It moved on days that no statement tells of, before ${statement?.firstDay}. Import what is missing.`,
  'wrong-sum': ({ statement }) =>
    `The figures of ${statement?.id} do not add up, as it says itself. Ask the bank.`,
  'not-booked': ({ statement }) => `The import of ${statement?.id} was cut off. Import its file again.`,
  later: () => 'It was booked of days after the last closing balance.',
  unexplained: ({ day, minor }) =>
    minor > 0n
      ? `The entries of the bank up to ${day} come to more than was booked. Nothing explains it.`
      : `More was booked up to ${day} than the entries of the bank. Nothing explains it.`,
};

/** Why the bank and our book differ by that, and what to do, as a sentence. */
export function explainDifference(difference: Difference): string {
  return SENTENCES[difference.kind](difference);
}
