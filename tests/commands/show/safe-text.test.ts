import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safeLines, safeText } from '../../../src/commands/show/safe-text.ts';

const NAUGHTY = resolve(import.meta.dirname, '../../../../shared/data/bad-input/strings/blns_even.json');
/** What a terminal must never get from somebody else. */
const HARMFUL = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

function naughtyStrings(): string[] {
  const parsed: unknown = JSON.parse(readFileSync(NAUGHTY, 'utf8'));
  const texts: string[] = [];
  JSON.stringify(parsed, (_, value: unknown) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  return texts;
}

describe('other people’s text', () => {
  test.each([
    ['Ann', 'Ann'],
    ['a\nb\r\nc\u2028d', 'a⏎b⏎c⏎d'],
    ['a\tb', 'a⇥b'],
    ['\u001b[31mred', '‹U+001B›[31mred'],
    ['\u009b31m', '‹U+009B›31m'],
    ['invoice\u202egpj.exe', 'invoice‹U+202E›gpj.exe'],
    ['\u2066x\u2069', '‹U+2066›x‹U+2069›'],
    ['zero\u200bwidth\ufeff', 'zero‹U+200B›width‹U+FEFF›'],
    ['tag\u{e0041}', 'tag‹U+E0041›'],
    ['\u3164\u2800\u115f', '‹U+3164›‹U+2800›‹U+115F›'],
    ['\ud800', '‹U+D800›'],
    ['❤️ 日本 Ünï ёж عربى', '❤️ 日本 Ünï ёж عربى'],
    ['\u0065\u0301\u0302\u0303\u0304\u0305\u0306', '\u0065\u0301\u0302\u0303\u0304‹+2›'],
  ])('%j is shown as %j', (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });

  test('nothing harmful gets through, whatever is sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        expect(safeText(text, 10_000)).not.toMatch(HARMFUL);
      }),
      { numRuns: 2_000 },
    );
  });

  test('every harmful character by itself is marked', () => {
    for (let point = 0; point <= 0x10ffff; point++) {
      const character = String.fromCodePoint(point);
      if (HARMFUL.test(character) && HARMFUL.test(safeText(character)))
        throw new Error(`U+${point.toString(16)} got through`);
    }
  });

  test('a long text is cut to the length asked for', () => {
    expect(safeText('x'.repeat(500))).toBe(`${'x'.repeat(199)}…`);
    expect(safeText('x'.repeat(200))).toBe('x'.repeat(200));
    expect(safeText('👍👍👍', 2)).toBe('👍…');
  });

  test('safeLines keeps the lines okpay made and nothing else', () => {
    expect(safeLines('one\ntwo\u001b[0m')).toBe('one\ntwo‹U+001B›[0m');
  });

  test.runIf(existsSync(NAUGHTY))('none of the naughty strings gets through', () => {
    const texts = naughtyStrings();
    expect(texts.length).toBeGreaterThan(100);
    for (const text of texts) expect(safeText(text, 100_000)).not.toMatch(HARMFUL);
  });
  test.skipIf(existsSync(NAUGHTY))(`skipped: the naughty strings are not at ${NAUGHTY}`, () => {});
});
