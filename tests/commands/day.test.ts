import { afterEach, describe, expect, test } from 'vitest';
import { readDay } from '../../src/commands/day.ts';

const home = process.env['TZ'];
afterEach(() => {
  process.env['TZ'] = home ?? '';
});

describe.each([
  ['UTC', '2026-11-01T00:00:00.000Z', '2026-11-02T00:00:00.000Z'],
  ['Asia/Tokyo', '2026-10-31T15:00:00.000Z', '2026-11-01T15:00:00.000Z'],
  // The day the clocks go back has 25 hours.
  ['America/New_York', '2026-11-01T04:00:00.000Z', '2026-11-02T05:00:00.000Z'],
])('in %s', (zone, start, end) => {
  test('a day is that of the local zone, whole', () => {
    process.env['TZ'] = zone;
    expect([readDay('2026-11-01', '--since'), readDay('2026-11-01', '--until', true)]).toEqual([start, end]);
  });

  test('a time is what it says', () => {
    process.env['TZ'] = zone;
    expect(readDay('2026-11-01T09:30:00+01:00', '--until', true)).toBe('2026-11-01T08:30:00.000Z');
    expect(readDay('2024-02-29', '--since')).toMatch(/^2024-02-2/);
  });
});

test('a day at an offset is that of the offset, in whatever zone', () => {
  process.env['TZ'] = 'America/New_York';
  const read = (offset: string) =>
    [false, true].map((end) => readDay('2026-11-01', '--since', end, offset).replace('00.000Z', '00Z'));
  expect(read('+00:00')).toEqual(['2026-11-01T00:00:00Z', '2026-11-02T00:00:00Z']);
  expect(read('+02:00')).toEqual(['2026-10-31T22:00:00Z', '2026-11-01T22:00:00Z']);
  expect(read('-03:30')).toEqual(['2026-11-01T03:30:00Z', '2026-11-02T03:30:00Z']);
  expect(readDay('2026-12-31', '--until', true, '+14:00')).toBe('2026-12-31T10:00:00.000Z');
  expect(() => readDay('2026-02-29', '--since', false, '+02:00')).toThrow('--since takes a day');
});

test.each([
  '',
  '2026-02-29',
  '2026-00-10',
  '2026-11-31',
  '0000-00-00',
  '2026-1-1',
  '01.11.2026',
  '2026-11-01 09:30',
  '2026-11-01T09:30',
  '2026-11-01T25:00:00Z',
  '2026-11-01T09:30:00',
  'now',
])('“%s” is refused', (text) => {
  expect(() => readDay(text, '--since')).toThrow('--since takes a day such as 2026-11-01');
});
