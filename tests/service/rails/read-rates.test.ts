import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRates } from '../../../src/service/rails/read-rates.ts';
import type { ReferenceRate } from '../../../src/service/rails/reference-rates.ts';
import { StatementError } from '../../../src/service/rails/statement-error.ts';
import { dailyXml } from '../exchange/rates-file.ts';

const CORPUS = process.env['OKPAY_CORPUS'] ?? join(import.meta.dirname, '../../../../shared/data');
const ECB = join(CORPUS, 'fx/ecb');

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string): readonly ReferenceRate[] => readRates(bytes(text));

describe('files of reference rates', () => {
  const expected = [
    { day: '2026-03-02', currency: 'USD', rate: '1.25' },
    { day: '2026-03-02', currency: 'JPY', rate: '160' },
  ];
  test.each([
    ['daily XML', dailyXml('2026-03-02', { USD: '1.25', JPY: '160' })],
    ['XML after a mark', `\ufeff${dailyXml('2026-03-02', { USD: '1.25', JPY: '160' })}`],
    ['daily CSV', 'Date, USD, JPY, \n02 March 2026, 1.25, 160, \n'],
    ['historical CSV', 'Date,USD,CYP,JPY,\n2026-03-02,1.25,N/A,160,\n'],
    ['CSV with CRLF and without a last comma', 'Date,USD,JPY\r\n2026-03-02,1.25,160'],
  ])('%s is read', (_, text) => {
    expect(read(text).map(({ line: _line, ...rest }) => rest)).toEqual(expected);
  });

  test('a historical file has many days', () => {
    const two = dailyXml('2026-03-02', { USD: '1.25' }).replace(
      '\t</Cube>\n</gesmes',
      "\t\t<Cube time='2026-02-27'><Cube currency='USD' rate='1.24'/></Cube>\n\t</Cube>\n</gesmes",
    );
    expect(read(two).map(({ day, rate }) => [day, rate])).toEqual([
      ['2026-03-02', '1.25'],
      ['2026-02-27', '1.24'],
    ]);
  });

  const xml = (from: string, to: string) => dailyXml('2026-03-02', { USD: '1.25' }).replace(from, to);
  test.each([
    ['nothing', '', 1],
    ['another file', '<Document/>', 1],
    ['no rates', xml("\t\t\t<Cube currency='USD' rate='1.25'/>\n", ''), 9],
    ['a document type', `<!DOCTYPE a [<!ENTITY b "c">]>${dailyXml('2026-03-02', { USD: '1.25' })}`, 1],
    ['an entity', xml("rate='1.25'", "rate='&amp;b;'"), 6],
    ['a file cut off', dailyXml('2026-03-02', { USD: '1.25' }).slice(0, -40), 6],
    ['no day', xml("'2026-03-02'", "'2026-02-30'"), 5],
    ['a currency twice', dailyXml('2026-03-02', { USD: '1.25' }).replace(/(.*USD.*\n)/, '$1$1'), 7],
    ['a rate that is none', xml('1.25', '1,25'), 6],
    ['a rate of nothing', xml('1.25', '0.000'), 6],
    ['a rate less than nothing', xml('1.25', '-1'), 6],
    ['a rate with an exponent', xml('1.25', '1e9'), 6],
    ['a rate too fine', xml('1.25', '1.00000000001'), 6],
    ['no currency', xml("'USD'", "'usd'"), 6],
    ['no rate', xml(" rate='1.25'", ''), 6],
    ['an element between', xml('<Cube>', '<Cube><b/>'), 4],
    ['cubes too deep', xml("rate='1.25'/>", "rate='1.25'><Cube/></Cube>"), 6],
    ['CSV without a date', 'USD,JPY\n1,2', 1],
    ['CSV with a quote', 'Date,USD\n"2026-03-02",1.25', 2],
    ['CSV with too few', 'Date,USD,JPY\n2026-03-02,1.25', 2],
    ['CSV with too many', 'Date,USD\n2026-03-02,1.25,160', 2],
    ['CSV with a day twice', 'Date,USD\n2026-03-02,1.25\n2026-03-02,1.26', 3],
    ['CSV with a column twice', 'Date,USD,USD\n2026-03-02,1.25,1.26', 1],
    ['CSV with a month of its own', 'Date,USD\n02 Marz 2026,1.25', 2],
    ['CSV with a blank line inside', 'Date,USD\n\n2026-03-02,1.25', 2],
    ['CSV with a formula', 'Date,USD\n2026-03-02,=1+1', 2],
    ['CSV with nothing but N/A', 'Date,CYP\n2026-03-02,N/A', 2],
  ])('%s is refused with its line', (_, text, line) => {
    let error: unknown;
    try {
      read(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(StatementError);
    expect((error as StatementError).line, (error as StatementError).reason).toBe(line);
  });

  test('what is no text is refused', () => {
    expect(() => readRates(Uint8Array.of(0x44, 0xff, 0xfe))).toThrow(StatementError);
  });

  test('whatever the bytes are, they are read or refused, and nothing else', () => {
    const good = [dailyXml('2026-03-02', { USD: '1.25' }), 'Date,USD,JPY\n2026-03-02,1.25,160\n'].map(bytes);
    fc.assert(
      fc.property(
        fc.constantFrom(...good),
        fc.nat(),
        fc.uint8Array({ maxLength: 8 }),
        fc.nat(8),
        (file, place, piece, gone) => {
          const at = place % file.length;
          const spoiled = new Uint8Array([...file.subarray(0, at), ...piece, ...file.subarray(at + gone)]);
          try {
            for (const { rate } of readRates(spoiled)) expect(Number(rate)).toBeGreaterThan(0);
          } catch (error) {
            if (!(error instanceof StatementError)) throw error;
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.skipIf(!existsSync(ECB))('every file of the corpus is read whole', () => {
    const of = (name: string) => readRates(readFileSync(join(ECB, name)));
    const daily = of('eurofxref-daily_2025-05-09.xml');
    expect([daily.length, daily[0]]).toEqual([
      30,
      { day: '2025-05-09', currency: 'USD', rate: '1.1252', line: 9 },
    ]);
    const csv = of('eurofxref.csv');
    expect([csv.length, csv[0]?.day, csv[0]?.rate]).toEqual([29, '2026-04-13', '1.1684']);
    const history = of('eurofxref-hist_2015-2019.csv');
    expect([history.length, new Set(history.map(({ day }) => day)).size]).toEqual([40_106, 1_278]);
  });
});
