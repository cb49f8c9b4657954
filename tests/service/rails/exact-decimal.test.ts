import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDecimal, significantDigits, toMinor } from '../../../src/service/rails/exact-decimal.ts';

describe('readDecimal', () => {
  it.each([
    ['0', 0n, 0],
    ['-0', 0n, 0],
    ['00012.00', 12n, 0],
    ['29194819.2', 291948192n, 1],
    ['.5', 5n, 1],
    ['5.', 5n, 0],
    ['+1.50', 15n, 1],
    ['-1.05', -105n, 2],
    [' \t\r\n7\n', 7n, 0],
    ['1000', 1000n, 0],
    ['0.001', 1n, 3],
  ])('reads %j', (text, units, scale) => {
    expect(readDecimal(text)).toEqual({ units, scale });
  });

  it.each([
    '',
    ' ',
    '.',
    '+',
    '-',
    '1e3',
    '1E3',
    '0x10',
    '1,0',
    '1 0',
    '1_0',
    '1.2.3',
    '--1',
    'NaN',
    '٣',
    '１',
    '9'.repeat(65),
  ])('takes %j for no decimal number', (text) => {
    expect(readDecimal(text)).toBeUndefined();
  });

  it('reads back any number, with any zeros around it', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }),
        fc.nat(12),
        fc.nat(8),
        fc.nat(8),
        (units, scale, before, after) => {
          const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
          const whole = `${'0'.repeat(before)}${digits.slice(0, digits.length - scale)}`;
          const text = `${units < 0n ? '-' : ''}${whole}.${digits.slice(digits.length - scale)}${'0'.repeat(after)}`;
          const read = readDecimal(text);
          expect(read && toMinor(read, 12)).toBe(units * 10n ** BigInt(12 - scale));
        },
      ),
    );
  });
});

describe('toMinor', () => {
  it('never rounds', () => {
    expect(toMinor({ units: 1234n, scale: 2 }, 2)).toBe(1234n);
    expect(toMinor({ units: 1234n, scale: 2 }, 4)).toBe(123400n);
    expect(toMinor({ units: 1234n, scale: 2 }, 1)).toBeUndefined();
    expect(toMinor({ units: -5n, scale: 1 }, 0)).toBeUndefined();
  });
});

describe('significantDigits', () => {
  it.each([
    [0n, 0, 1],
    [1234n, 2, 4],
    [-1234n, 2, 4],
    [1n, 5, 5],
  ])('counts the digits of %s with %s after the point', (units, scale, digits) => {
    expect(significantDigits({ units, scale })).toBe(digits);
  });
});
