/**
 * The scripts in common use (UAX 31, table 5, “Recommended Scripts”). What is written in none of them is refused, so
 * that nobody pays a name that only looks like another.
 */
const SCRIPTS = [
  'Latin',
  'Greek',
  'Cyrillic',
  'Armenian',
  'Hebrew',
  'Arabic',
  'Thaana',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Thai',
  'Lao',
  'Tibetan',
  'Myanmar',
  'Georgian',
  'Hangul',
  'Ethiopic',
  'Khmer',
  'Hiragana',
  'Katakana',
  'Bopomofo',
  'Han',
].map((name) => ({ name, pattern: new RegExp(`^\\p{Script=${name}}`, 'u') }));

const OF_NO_SCRIPT = /^[\p{Script=Common}\p{Script=Inherited}]/u;

/** Scripts that are written together (UTS 39, 5.2, “Highly Restrictive”). */
const WRITTEN_TOGETHER: readonly (readonly string[])[] = [
  ['Latin', 'Han', 'Hiragana', 'Katakana'],
  ['Latin', 'Han', 'Bopomofo'],
  ['Latin', 'Han', 'Hangul'],
];

/** Whether the text is written in one script, or in scripts that belong together. ASCII always is. */
export function isOneScript(text: string): boolean {
  const found = new Set<string>();
  for (const character of text) {
    if (OF_NO_SCRIPT.test(character)) continue;
    const script = SCRIPTS.find(({ pattern }) => pattern.test(character));
    if (!script) return false;
    found.add(script.name);
  }
  return (
    found.size <= 1 ||
    WRITTEN_TOGETHER.some((together) => [...found].every((name) => together.includes(name)))
  );
}
