import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Command } from 'commander';
import { declare } from '../../../src/commands/declare.ts';
import { facts, table, type Block } from '../../../src/commands/show/blocks.ts';
import { layOut } from '../../../src/commands/show/lay-out.ts';
import { makePen } from '../../../src/commands/show/pen.ts';
import { showShortTime, showTime } from '../../../src/commands/show/time.ts';
import type { Render } from '../../../src/commands/show/show.ts';
import type { Entry } from '../../../src/commands/tree.ts';
import { runCommand } from '../run-command.ts';

const NOW = Date.parse('2026-11-23T12:00:00Z');
const zone = process.env.TZ;
beforeEach(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

async function laidOut(width: number, ...blocks: Block[]): Promise<string> {
  return layOut(blocks, await makePen(false, () => NOW), width);
}

const BALANCES = table(
  ['Currency', { title: 'Balance', align: 'right' }],
  [
    ['EUR', '1250.00 EUR'],
    ['JPY', '90 JPY'],
  ],
  'Nothing yet.',
);

describe('tables', () => {
  test('figures stand on the right', async () => {
    expect(await laidOut(80, BALANCES)).toBe(
      'Currency      Balance\nEUR       1250.00 EUR\nJPY            90 JPY\n',
    );
  });

  test('in a narrow terminal each row becomes a block', async () => {
    expect(await laidOut(40, BALANCES)).toBe(
      'Currency: EUR\nBalance:  1250.00 EUR\n\nCurrency: JPY\nBalance:  90 JPY\n',
    );
  });

  test('so does a table that is wider than the terminal', async () => {
    const wide = table(['A', 'B'], [['x'.repeat(50), 'y'.repeat(50)]], '');
    expect(await laidOut(80, wide)).toMatch(/^A: x+\nB: y+\n$/);
    expect(await laidOut(Infinity, wide)).toMatch(/^A +B\nx+ {2}y+\n$/);
  });

  test('a column of sentences gives way first, and no word is ever broken', async () => {
    const id = 'trf_01m83jmehxa8nfz8vdntp87dde';
    const explained = table(['Id', 'Why'], [[id, 'one two three four five six 7 eight nine ten eleven']], '');
    expect(await laidOut(70, explained)).toBe(
      [
        'Id                              Why',
        `${id}  one two three four five six 7 eight`,
        '                                nine ten eleven',
        '',
      ].join('\n'),
    );
    expect(await laidOut(62, table(['A', 'B'], [[id + id, 'x y z']], ''))).toContain(id + id);
    expect(await laidOut(30, 'one two three four five six seven')).toBe(
      'one two three four five six\nseven\n',
    );
    expect(await laidOut(30, facts(['Why', 'one two three four five six seven']))).toBe(
      'Why: one two three four five\n     six seven\n',
    );
  });

  test('a table without rows says so', async () => {
    expect(await laidOut(80, table(['A'], [], 'Nothing yet.'))).toBe('Nothing yet.\n');
  });

  test('wide letters keep the columns straight', async () => {
    const lines = (
      await laidOut(
        80,
        table(
          ['Name', 'X'],
          [
            ['日本語', '1'],
            ['ab', '2'],
          ],
          '',
        ),
      )
    ).split('\n');
    expect(lines).toEqual(['Name    X', '日本語  1', 'ab      2', '']);
  });

  test('facts without a value are left out', async () => {
    expect(await laidOut(80, 'Title', undefined, facts(['A', '1'], ['Long', undefined]))).toBe(
      'Title\nA: 1\n',
    );
  });
});

describe('times', () => {
  test.each([
    ['2026-11-23T12:00:00.400Z', '2026-11-23 13:00 +01:00 (now)'],
    ['2026-11-23T12:00:30Z', '2026-11-23 13:00 +01:00 (in 30 seconds)'],
    ['2026-11-23T12:04:00Z', '2026-11-23 13:04 +01:00 (in 4 minutes)'],
    ['2026-11-23T11:00:00Z', '2026-11-23 12:00 +01:00 (1 hour ago)'],
    ['2026-11-20T12:00:00Z', '2026-11-20 13:00 +01:00 (3 days ago)'],
    ['2026-07-01T12:00:00Z', '2026-07-01 14:00 +02:00'],
    ['nonsense', '?'],
  ])('%s is %s', (time, shown) => {
    expect(showTime(time, NOW)).toBe(shown);
  });

  test('short ones have no offset', () => {
    expect(showShortTime('2026-11-23T12:00:00Z')).toBe('2026-11-23 13:00');
    expect(showShortTime('x')).toBe('?');
  });

  test('west of Greenwich, with half hours', () => {
    process.env.TZ = 'America/St_Johns';
    expect(showTime('2026-11-23T12:00:00Z', NOW)).toBe('2026-11-23 08:30 -03:30 (now)');
  });
});

describe('what a run prints', () => {
  const value = { name: 'a\u001bb', money: { amount: '1.00', currency: 'EUR' } };
  const render: Render = (pen) => [pen.strong(pen.text(value.name)), BALANCES];
  const tree: Entry[] = [
    {
      words: 'try',
      summary: 'Try',
      load: async () =>
        declare(new Command(), async ({ show }) => {
          show.note('On the side.');
          await show.answer(value, render);
        }),
    },
  ];

  test('JSON keeps the data exact and says nothing on the side', async () => {
    const { stdout, stderr } = await runCommand(['try', '--json'], { tree });
    expect(JSON.parse(stdout)).toEqual(value);
    expect(stderr).toBe('');
  });

  test('people get it harmless, without colour in a pipe', async () => {
    const { stdout, stderr } = await runCommand(['try'], { tree });
    expect(stdout).toContain('a‹U+001B›b\nCurrency');
    expect(stdout).not.toContain('\u001b');
    expect(stderr).toBe('On the side.\n');
  });

  test('--quiet leaves only the answer', async () => {
    expect((await runCommand(['try', '--quiet'], { tree })).stderr).toBe('');
  });

  test('a terminal gets colour', async () => {
    expect((await runCommand(['try'], { tree, columns: 80 })).stdout).toContain('\u001b[1ma‹U+001B›b');
  });

  test.each([
    [['try', '--no-color'], {}],
    [['try'], { NO_COLOR: '1' }],
    [['try'], { TERM: 'dumb' }],
  ])('%j with %j has none', async (words, environment) => {
    const { stdout } = await runCommand(words, {
      tree,
      columns: 80,
      environment: environment,
    });
    expect(stdout).not.toContain('\u001b');
  });
});
