import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  findDepositReferences,
  groupDepositReference,
  makeDepositReference,
} from '../../../src/service/identity/deposit-reference.ts';

const reference = fc
  .array(fc.nat({ max: 239 }), { minLength: 12, maxLength: 12 })
  .map((bytes) => makeDepositReference(() => Uint8Array.from(bytes)));
const anyCharacter = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789');

describe('a deposit reference', () => {
  it('has the form and check digits of ISO 11649', () => {
    for (let at = 0; at < 1_000; at++) {
      const made = makeDepositReference(randomBytes);
      expect(made).toMatch(/^RF\d\d[BCDFGHJKLMNPQRSTVWXZ]{12}$/);
      // The definition, with big numbers: letters become 10 to 35, the head goes to the end, the rest of 97 is 1.
      const digits = [...made.slice(4), ...made.slice(0, 4)].map((c) => Number.parseInt(c, 36)).join('');
      expect(BigInt(digits) % 97n).toBe(1n);
      expect(findDepositReferences(made)).toEqual([made]);
    }
  });

  it('is another one each time, all letters alike likely', () => {
    const made = Array.from({ length: 5_000 }, () => makeDepositReference(randomBytes));
    expect(new Set(made).size).toBe(made.length);
    const counts = new Map<string, number>();
    for (const letter of made.join('').replace(/RF\d\d/g, ''))
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    // 3,000 expected of each; six standard deviations.
    for (const count of counts.values()) expect(Math.abs(count - 3_000)).toBeLessThan(6 * Math.sqrt(3_000));
    expect(counts.size).toBe(20);
  });

  it('shows every changed character', () => {
    fc.assert(
      fc.property(reference, fc.nat({ max: 15 }), anyCharacter, (made, at, other) => {
        fc.pre(made[at] !== other);
        expect(findDepositReferences(made.slice(0, at) + other + made.slice(at + 1))).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('shows every swap of neighbours', () => {
    fc.assert(
      fc.property(reference, fc.nat({ max: 14 }), (made, at) => {
        const swapped = made.slice(0, at) + made.charAt(at + 1) + made.charAt(at) + made.slice(at + 2);
        fc.pre(swapped !== made);
        expect(findDepositReferences(swapped)).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('shows every change there is in one reference, none left out', () => {
    const made = makeDepositReference(randomBytes);
    for (let at = 0; at < made.length; at++) {
      for (const other of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789') {
        if (other === made[at]) continue;
        expect(findDepositReferences(made.slice(0, at) + other + made.slice(at + 1))).toEqual([]);
      }
    }
  });

  it('is found whatever a bank does to the text', () => {
    const gap = fc.constantFrom('', ' ', '  ', '\n', '\r\n', '\t', '-', '\u00A0');
    const gaps = fc.array(gap, { minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(reference, gaps, fc.boolean(), (made, between, small) => {
        const written = [...made].map((character, at) => character + (between[at] ?? '')).join('');
        const text = `Invoice 4711/${small ? written.toLowerCase() : written} thank you`;
        expect(findDepositReferences(text)).toEqual([made]);
      }),
    );
  });

  it('is found once each, in order, among others', () => {
    const [one, two] = [makeDepositReference(randomBytes), makeDepositReference(randomBytes)];
    const text = `${groupDepositReference(one)}, ${two}; again ${one.toLowerCase()} RF18 5390 0754 7034 RF18XXXXXXXXXXXX`;
    expect(findDepositReferences(text)).toEqual([one, two]);
    expect(findDepositReferences(one + two)).toEqual([one, two]);
  });

  it('is printed in groups of four', () => {
    expect(groupDepositReference('RF47BCDFGHJKLMNP')).toBe('RF47 BCDF GHJK LMNP');
  });

  it('is looked for in hostile text in no time', () => {
    const texts = [
      'RF'.repeat(50_000),
      'R '.repeat(50_000),
      `RF12${'B'.repeat(100_000)}`,
      ' '.repeat(100_000),
    ];
    const startedAt = performance.now();
    for (const text of texts) findDepositReferences(text);
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
