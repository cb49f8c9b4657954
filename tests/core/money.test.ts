import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderCurrencies } from '../../scripts/render-currencies.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { CURRENCY_DIGITS } from '../../src/core/currencies.ts';
import {
  MAX_MINOR,
  digitsOf,
  formatMinor,
  formatMoney,
  fromWire,
  isCurrency,
  parseAmount,
  parseCurrency,
  parsePositiveAmount,
  toWire,
  type Currency,
} from '../../src/core/money.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const LIST_ONE = join(DATA, 'iso4217/list-one_table_a1.xml');
const missing = existsSync(LIST_ONE) ? '' : ` (skipped: no test data at ${DATA})`;

const currencies = Object.keys(CURRENCY_DIGITS) as Currency[];
const anyCurrency = fc.constantFrom(...currencies);
const anyMinor = fc.oneof(
  fc.bigInt({ min: 0n, max: MAX_MINOR }),
  fc.bigInt({ min: 0n, max: 10_000n }),
  fc.constantFrom(0n, 1n, 2n ** 53n + 1n, MAX_MINOR - 1n, MAX_MINOR),
);

function refused(parse: () => unknown): Refusal {
  try {
    throw new Error(`was read: ${String(parse())}`);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

describe('the currencies', () => {
  test('are those of the maintained package: run `npm run currencies` when this fails', () => {
    const file = readFileSync(join(import.meta.dirname, '../../src/core/currencies.ts'), 'utf8');
    expect(file).toBe(renderCurrencies());
  });

  test.skipIf(missing)(
    `are ISO 4217 list one with its later amendments and without what is no money${missing}`,
    () => {
      const xml = readFileSync(LIST_ONE, 'utf8');
      expect(xml).toContain('Pblshd="2024-06-25"');
      const listed = new Map<string, string>();
      for (const [, entry = ''] of xml.matchAll(/<CcyNtry>([^]*?)<\/CcyNtry>/g)) {
        const [, code] = /<Ccy>(\w+)</.exec(entry) ?? [];
        const [, digits = ''] = /<CcyMnrUnts>([^<]*)</.exec(entry) ?? [];
        if (code !== undefined) listed.set(code, digits);
      }
      const amended = new Map(listed);
      // Metals, bond units, the SDR, the unit for tests and “no currency” have no minor unit.
      for (const [code, digits] of listed) if (digits === 'N.A.') amended.delete(code);
      // Amendments 176 (guilder of the Caribbean, March 2025), 178 (convertible peso) and 180 (Bulgaria in the euro, 2026).
      amended.delete('ANG');
      amended.set('XCG', '2');
      amended.delete('CUC');
      amended.delete('BGN');
      expect(Object.entries(CURRENCY_DIGITS).map(([code, digits]) => [code, String(digits)])).toEqual(
        [...amended].sort(),
      );
    },
  );

  test('have between no and four digits', () => {
    expect(['JPY', 'EUR', 'KWD', 'CLF'].map((code) => digitsOf(code as Currency))).toEqual([0, 2, 3, 4]);
    expect(new Set(Object.values(CURRENCY_DIGITS))).toEqual(new Set([0, 2, 3, 4]));
  });

  test('are known by their codes alone', () => {
    for (const code of ['eur', 'Eur', 'EUR']) expect(parseCurrency(code)).toBe('EUR');
    const unknown = [
      '',
      'E',
      'EURO',
      'XXX',
      'XAU',
      'XTS',
      'XDR',
      'DEM',
      'HRK',
      'ZWL',
      'SLL',
      'ANG',
      'BGN',
      'CUC',
      '€',
    ];
    const strange = ['ЕUR', 'EUR ', ' EUR', 'EU\u0000', 'toString', '__proto__', 'constructor', 'ﬀR', 'ıSK'];
    for (const code of [...unknown, ...strange]) {
      const refusal = refused(() => parseCurrency(code));
      expect([refusal.code, refusal.status, refusal.exitCode], code).toEqual(['currency_unknown', 400, 2]);
      expect(isCurrency(code)).toBe(false);
    }
  });
});

describe('an amount (ASVS V1.4.2)', () => {
  const bad: readonly (readonly [string, Currency])[] = [
    ...[
      '-1',
      '-0',
      '+1',
      'NaN',
      'Infinity',
      '-Infinity',
      '1e3',
      '1E3',
      '0x10',
      '0b1',
      '0o7',
      '1n',
      '1,00',
      '1.000,00',
    ],
    ...[
      '1_000',
      '1 000',
      "1'000",
      '٣',
      '１',
      '१',
      '½',
      '²',
      'Ⅳ',
      '1.',
      '.5',
      '.',
      '',
      ' ',
      ' 1',
      '1 ',
      '1\n',
      '\u00001',
    ],
    ...[
      '1\u200b',
      '1\u0000',
      '01',
      '00',
      '00.1',
      '1.0.0',
      '1..0',
      '--1',
      '0.001',
      '1.000',
      '€1',
      '1€',
      'one',
      'null',
    ],
    ...[
      String(2n ** 63n),
      '92233720368547758.08',
      '9'.repeat(40),
      `0.${'0'.repeat(40)}`,
      '9'.repeat(100_000),
    ],
  ].map((text) => [text, 'EUR'] as const);

  test.each([...bad, ['1.5', 'JPY'], ['1.0', 'JPY'], ['0.0001', 'KWD'], ['0.00001', 'CLF']] as const)(
    'is not %j %s',
    (text, currency) => {
      const refusal = refused(() => parseAmount(text, currency));
      expect([refusal.code, refusal.status, refusal.exitCode]).toEqual(['amount_invalid', 400, 2]);
      expect(refusal.message).toMatch(/^.{10,160}\.$/su);
    },
  );

  test('of nothing can be held and not be paid', () => {
    for (const text of ['0', '0.0', '0.00']) {
      expect(parseAmount(text, 'EUR').minor).toBe(0n);
      expect(refused(() => parsePositiveAmount(text, 'EUR')).code).toBe('amount_invalid');
    }
    expect(parsePositiveAmount('0.01', 'EUR').minor).toBe(1n);
  });

  test('goes as far as 64 bits do, exactly', () => {
    expect(parseAmount('92233720368547758.07', 'EUR').minor).toBe(MAX_MINOR);
    expect(parseAmount('90071992547409.93', 'EUR').minor).toBe(2n ** 53n + 1n);
    expect(formatMoney({ minor: MAX_MINOR, currency: 'CLF' })).toBe('922337203685477.5807 CLF');
  });

  test('property: what is written is read back, in every currency, here and on the wire', () => {
    fc.assert(
      fc.property(anyMinor, anyCurrency, (minor, currency) => {
        const text = formatMinor(minor, currency);
        expect(parseAmount(text, currency)).toEqual({ minor, currency });
        expect(fromWire(toWire(minor, currency))).toEqual({ minor, currency });
        expect(text).toMatch(
          digitsOf(currency) === 0 ? /^\d+$/ : new RegExp(`^\\d+\\.\\d{${digitsOf(currency)}}$`),
        );
        if (minor > 0n) expect(formatMinor(-minor, currency)).toBe(`-${text}`);
      }),
      { numRuns: 5_000 },
    );
  });

  test('property: decimals that are left out are zeros, and one more than the currency has is refused', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        anyCurrency,
        fc.nat(3),
        (whole, currency, fewer) => {
          const digits = digitsOf(currency);
          const kept = Math.max(0, digits - fewer);
          const fraction = '123456'.slice(0, kept);
          const text = kept === 0 ? String(whole) : `${whole}.${fraction}`;
          expect(parseAmount(text, currency).minor).toBe(BigInt(whole + fraction.padEnd(digits, '0')));
          const more = `${whole}.${'0'.repeat(digits + 1)}`;
          expect(refused(() => parseAmount(more, currency)).code).toBe('amount_invalid');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('property: any text at all is an amount in one writing or is refused', () => {
    const text = fc.oneof(
      fc.string({ unit: fc.constantFrom(...'0123456789.,-+eEx_ ٣１'), maxLength: 24 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, anyCurrency, (written, currency) => {
        let minor: bigint;
        try {
          ({ minor } = parseAmount(written, currency));
        } catch (error) {
          expect((error as Refusal).code).toBe('amount_invalid');
          return;
        }
        expect(written).toMatch(/^[0-9]+(\.[0-9]+)?$/);
        expect(minor >= 0n && minor <= MAX_MINOR).toBe(true);
        // Written again, it is the same text but for zeros at the end.
        const again = formatMinor(minor, currency);
        expect(again.startsWith(written) && /^\.?0*$/.test(again.slice(written.length))).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  test('of any length is refused at once', () => {
    const hostile = ['9'.repeat(1e6), `0.${'0'.repeat(1e6)}`, `1${' '.repeat(1e6)}`, '.'.repeat(1e6)];
    const start = performance.now();
    for (const text of hostile) expect(refused(() => parseAmount(text, 'EUR')).code).toBe('amount_invalid');
    expect(performance.now() - start).toBeLessThan(200);
  });
});
