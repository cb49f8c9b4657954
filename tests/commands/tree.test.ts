import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe as group, expect, test } from 'vitest';
import { describe, type Description } from '../../src/commands/describe.ts';
import { buildWholeProgram } from '../../src/commands/program.ts';
import { TREE } from '../../src/commands/tree.ts';
import { runCommand } from './run-command.ts';

const whole = describe(await buildWholeProgram(TREE));
const everything: Description[] = [];
for (const rest = [whole]; rest.length > 0;) {
  const next = rest.shift() as Description;
  everything.push(next);
  rest.push(...next.commands);
}
const commands = TREE.filter(({ load }) => load);

group('the command tree', () => {
  test.each(commands.map(({ words }) => words))('okpay %s is where its words say', (words) => {
    const file = resolve(import.meta.dirname, '../../src/commands', `${words.replaceAll(' ', '/')}.ts`);
    // `okpay show` would be the folder that shows things.
    expect(existsSync(words === 'show' ? file.replace('show.ts', 'show-transfer.ts') : file)).toBe(true);
  });

  test('has every word once, with a summary and, at the top, a section', () => {
    expect(new Set(TREE.map(({ words }) => words)).size).toBe(TREE.length);
    for (const { words, summary, section } of TREE) {
      expect(summary, words).toMatch(/^[A-Z].{3,70}[^.]$/);
      expect(section === undefined, words).toBe(words.includes(' '));
    }
  });

  test('shares words only above commands that begin with them', () => {
    for (const { words } of TREE.filter(({ load }) => !load))
      expect(
        TREE.some((entry) => entry.words.startsWith(`${words} `)),
        words,
      ).toBe(true);
  });

  test('takes no secret as a flag', () => {
    const secret = /pass|secret|token|pin\b|otp/i;
    for (const { words, flags } of everything)
      for (const flag of flags.filter(({ takesValue, long = '' }) => takesValue && secret.test(long)))
        expect(`${words} ${flag.long}`).toMatch(/-file$/);
  });

  test('uses the flags of okpay itself for nothing else, and no flag twice', () => {
    const own = whole.flags.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== undefined);
    for (const { words, flags } of everything.filter(({ words }) => words !== '')) {
      const names = flags.flatMap(({ long, short }) => [long, short]).filter((flag) => flag !== undefined);
      expect(new Set(names).size, words).toBe(names.length);
      expect(
        names.filter((name) => own.includes(name)),
        words,
      ).toEqual([]);
    }
  });

  test('describes every flag and argument', () => {
    for (const { words, flags, arguments: places } of everything)
      for (const each of [...flags, ...places]) expect(each.description.length, words).toBeGreaterThan(3);
  });
});

group('every command', () => {
  test.each(commands.map(({ words }) => words))(
    'okpay %s never waits where nobody is',
    async (words) => {
      const outcome = await runCommand(words.split(' '), { onServe: () => {} });
      expect(outcome.stderr).not.toContain('? ');
    },
    5_000,
  );

  test.each(commands.map(({ words }) => words))(
    'okpay %s prints one JSON document, whatever happens',
    async (words) => {
      const { stdout, stderr } = await runCommand([...words.split(' '), '--json'], { onServe: () => {} });
      expect(stderr).toBe('');
      if (stdout !== '') JSON.parse(stdout);
    },
  );

  test.each(commands.map(({ words }) => words))('okpay %s explains itself', async (words) => {
    const { exitCode, stdout } = await runCommand([...words.split(' '), '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`Usage: okpay ${words} [flags]`);
  });
});
